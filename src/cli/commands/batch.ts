import type { Command } from 'commander';
import type { BatchObject } from '../../client/index.ts';
import { followBatch, type RunBatchOptions, runBatch } from '../batch-run.ts';
import { EXIT, Exit } from '../exit-codes.ts';
import { ago, clip, dollars, table } from '../format.ts';
import { interruptible } from '../interrupt.ts';
import { countArgument } from '../prompt-input.ts';
import { openSession } from '../session.ts';
import { take } from '../take.ts';
import type { Terminal } from '../terminal.ts';

/** `sluice batch …` */
export function addBatch(program: Command): void {
  const batch = program.command('batch').description('run many requests as one batch');
  addRun(batch);

  batch
    .command('tail')
    .argument('<batch>', 'its id')
    .description('watch a batch to its end; with --json a line for each finished request')
    .action(async (id: string, _options: object, command: Command) => {
      const session = openSession(command);
      await interruptible(async (signal) => {
        const ended = await followBatch(session, id, signal, session.json);
        if (session.json) session.terminal.jsonLine({ event: 'end', ...ended });
        else session.terminal.line(describe(session.terminal, ended));
        refuseIncomplete(ended);
      });
    });

  for (const [name, description] of [
    ['get', 'show a batch'],
    ['cancel', 'cancel a batch; what has finished stays'],
    ['retry', 'run the lines that did not complete again, as a new batch'],
  ] as const) {
    const act = name === 'get' ? 'retrieve' : name;
    batch
      .command(name)
      .argument('<batch>', 'its id')
      .description(description)
      .action(async (id: string, _options: object, command: Command) => {
        const { client, terminal, json } = openSession(command);
        const shown = await client.batches[act](id);
        if (json) terminal.json(shown);
        else terminal.line(describe(terminal, shown));
      });
  }

  batch
    .command('list')
    .description('list batches, newest first')
    .option('-n, --limit <count>', 'so many at most', countArgument, 20)
    .action(list);
}

function addRun(batch: Command): void {
  batch
    .command('run')
    .argument('<input>', 'JSONL: lines of a batch, requests, or prompts as JSON strings')
    .requiredOption('-o, --output <file>', 'where the results go; failures go beside it, as *.errors.jsonl')
    .option('-m, --model <model>', 'the model of lines that name none; default as in `sluice run`')
    .option('--endpoint <path>', 'the endpoint of all lines', '/v1/chat/completions')
    .option('--dedupe', 'compute lines with the same body once')
    .description('run a file of requests, watch it, and write the results')
    .addHelpText(
      'after',
      `
The batch goes on when this ends, by ctrl-C or with the terminal: the same command again goes on watching it.

Examples:
  sluice batch run prompts.jsonl -o results.jsonl -m openai/gpt-4o-mini
  jq -c '.question' questions.json | sluice batch run /dev/stdin -o answers.jsonl`,
    )
    .action(async (input: string, options: RunBatchOptions, command: Command) => {
      const session = openSession(command);
      const ended = await interruptible((signal) => runBatch(session, input, options, signal));
      if (session.json) session.terminal.json(ended);
      refuseIncomplete(ended);
    });
}

/** The exit code says whether all lines completed. */
function refuseIncomplete({ id, status, request_counts: { failed, cancelled } }: BatchObject): void {
  if (status === 'cancelled')
    throw new Exit(EXIT.cancelled, `${id} was cancelled, with ${cancelled} lines not run.`);
  if (failed > 0)
    throw new Exit(
      EXIT.failed,
      `${failed} lines of ${id} did not complete. \`sluice batch retry ${id}\` runs those again.`,
    );
}

async function list({ limit }: { limit: number }, command: Command): Promise<void> {
  const { client, terminal, json } = openSession(command);
  const batches = await take(client.batches.list({ limit: Math.min(limit, 100) }), limit);
  if (json) terminal.json(batches);
  else if (batches.length === 0) terminal.note('There are no batches.');
  else {
    const heading = ['batch', 'status', 'created', 'lines', 'failed', 'cost'].map((word) =>
      terminal.style('dim', word),
    );
    terminal.line(table([heading, ...batches.map(row)]));
  }
}

function row({ id, status, created_at, request_counts, cost }: BatchObject): string[] {
  const { total, failed } = request_counts;
  return [id, status, ago(created_at), String(total), String(failed), dollars(cost.usd)];
}

function describe(terminal: Terminal, batch: BatchObject): string {
  const { total, completed, failed } = batch.request_counts;
  const label = (text: string): string => terminal.style('dim', text);
  const rows = [
    [label('status'), batch.status],
    [label('created'), ago(batch.created_at)],
    [label('lines'), `${completed} of ${total} completed, ${failed} failed`],
    [
      label('cost'),
      dollars(batch.cost.usd) + (batch.cost.unpriced > 0 ? `, ${batch.cost.unpriced} of unknown cost` : ''),
    ],
    ...(batch.output_file_id === null ? [] : [[label('output'), batch.output_file_id]]),
    ...(batch.error_file_id === null ? [] : [[label('errors'), batch.error_file_id]]),
    ...(batch.errors?.data ?? []).map(({ line, message }) => [
      label('mistake'),
      clip(`${line === null ? '' : `line ${line}: `}${message}`, 100),
    ]),
  ];
  return [terminal.style('bold', batch.id), table(rows)].join('\n');
}
