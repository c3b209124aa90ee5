import { type Command, Option } from 'commander';
import type { JobObject, JobStatus } from '../../client/index.ts';
import { EXIT, Exit } from '../exit-codes.ts';
import { explain } from '../failure.ts';
import { ago, clip, cost, duration, table } from '../format.ts';
import { printable } from '../printable.ts';
import { countArgument, numberArgument } from '../prompt-input.ts';
import { openSession, type Session } from '../session.ts';
import { take } from '../take.ts';
import type { Terminal } from '../terminal.ts';

const STATUSES: readonly JobStatus[] = [
  'queued',
  'in_progress',
  'completed',
  'failed',
  'cancelled',
  'expired',
];
const COLOURS = {
  queued: 'gray',
  in_progress: 'cyan',
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
  expired: 'red',
} as const;

/** `sluice get`, `cancel` and `list`. */
export function addJobs(program: Command): void {
  program
    .command('get')
    .argument('<job>', 'its id')
    .description('show a job')
    .option('-w, --wait <seconds>', 'wait for its end, so long', numberArgument)
    .option('-r, --result', 'the text of its answer alone')
    .addHelpText(
      'after',
      `
Examples:
  sluice get job_0198… --wait 60
  sluice get job_0198… --result > answer.txt
  sluice get job_0198… --json | jq .attempts`,
    )
    .action(get);

  program
    .command('cancel')
    .argument('<job...>', 'their ids')
    .description('cancel jobs; what they have produced stays')
    .action(cancel);

  program
    .command('list')
    .description('list jobs, newest first')
    .addOption(new Option('--status <status>', 'those alone').choices(STATUSES))
    .option('-n, --limit <count>', 'so many at most', countArgument, 20)
    .action(list);
}

async function cancel(ids: string[], _options: object, command: Command): Promise<void> {
  const { client, terminal, json } = openSession(command);
  const ends = await Promise.allSettled(ids.map((id) => client.jobs.cancel(id)));
  const jobs = ends.filter((end) => end.status === 'fulfilled').map(({ value }) => value);
  if (json && jobs.length > 0) terminal.json(ids.length === 1 ? jobs[0] : jobs);
  if (!json) for (const { data } of jobs) terminal.line(`${data.id}  ${statusText(terminal, data.status)}`);
  const [first, ...others] = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason);
  for (const reason of others) if (!json) terminal.note(terminal.noteStyle('red', explain(reason).message));
  if (first !== undefined) throw first;
}

async function get(
  id: string,
  options: { wait?: number; result?: boolean },
  command: Command,
): Promise<void> {
  const session = openSession(command);
  const { client, terminal, json } = session;
  if (options.wait !== undefined) {
    const waiting = terminal.activity(`waiting for ${id}`);
    await client.jobs.result(id, { timeout: options.wait }).catch(ignoreSettled).finally(waiting.stop);
  }
  const { data } = await client.jobs.retrieve(id);
  if (options.result) printResult(session, data);
  else if (json) terminal.json(data);
  else {
    terminal.line(describe(terminal, data));
    const content = data.result?.choices?.[0]?.message.content;
    if (content) terminal.answer(`\n${content}\n`);
  }
}

/** What became of a job is what is shown next. */
function ignoreSettled(error: unknown): void {
  const names = ['JobFailedError', 'JobCancelledError', 'JobExpiredError'];
  if (!(error instanceof Error) || !names.includes(error.name)) throw error;
}

function printResult({ terminal, json }: Session, { id, status, result, error }: JobObject): void {
  if (error !== null) throw new Exit(status === 'cancelled' ? EXIT.cancelled : EXIT.failed, error.message);
  if (result == null)
    throw new Exit(EXIT.error, `${id} is ${status}: it has no result yet. --wait waits for it.`);
  const content = result.choices?.[0]?.message.content;
  if (json || content == null) terminal.json(result);
  else terminal.answer(`${content}\n`);
}

function describe(terminal: Terminal, job: JobObject): string {
  const label = (text: string): string => terminal.style('dim', text);
  const rows: string[][] = [
    [label('status'), statusText(terminal, job.status) + waitText(job)],
    [label('model'), printable(job.model)],
    [label('created'), ago(job.created_at)],
  ];
  if (job.started_at !== null && job.finished_at !== null) {
    rows.push([label('took'), duration(job.finished_at - job.started_at)]);
  }
  for (const { epoch, provider, model, status, error } of job.attempts) {
    rows.push([
      label(`attempt ${epoch}`),
      printable(`${provider}/${model}  ${status}${error === null ? '' : `: ${error.message}`}`),
    ]);
  }
  if (job.usage !== null) {
    const { prompt_tokens, completion_tokens } = job.usage;
    rows.push([label('tokens'), `${prompt_tokens} in, ${completion_tokens} out`]);
  }
  if (job.cost !== null) rows.push([label('cost'), cost(job.cost)]);
  if (job.finish_reason !== null) rows.push([label('finish'), job.finish_reason]);
  if (job.error !== null)
    rows.push([label('error'), terminal.style('red', printable(`${job.error.message} (${job.error.code})`))]);
  return [terminal.style('bold', job.id), table(rows)].join('\n');
}

function waitText({ position, status }: JobObject): string {
  return status === 'queued' && position != null ? `, ${position} ahead of it` : '';
}

/** A status in its colour. */
function statusText(terminal: Terminal, status: JobStatus): string {
  return terminal.style(COLOURS[status], status);
}

async function list(options: { status?: JobStatus; limit: number }, command: Command): Promise<void> {
  const { client, terminal, json } = openSession(command);
  const { status, limit } = options;
  const query = { limit: Math.min(limit, 100), ...(status && { status }) };
  const jobs = await take(client.jobs.list(query), limit);
  if (json) terminal.json(jobs);
  else if (jobs.length === 0) terminal.note('There are no jobs.');
  else terminal.line(table([heading(terminal), ...jobs.map((job) => row(terminal, job))]));
}

function heading(terminal: Terminal): string[] {
  return ['job', 'status', 'created', 'model', 'tokens', 'cost', ''].map((word) =>
    terminal.style('dim', word),
  );
}

function row(terminal: Terminal, job: JobObject): string[] {
  return [
    job.id,
    statusText(terminal, job.status),
    ago(job.created_at),
    clip(job.model, 32),
    job.usage === null ? '' : String(job.usage.total_tokens),
    cost(job.cost),
    clip(job.error?.message ?? job.custom_id ?? '', 40),
  ];
}
