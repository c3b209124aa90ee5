import type { Command } from 'commander';
import type { JobRequest } from '../../client/index.ts';
import {
  type AskOptions,
  numberArgument,
  pairArgument,
  readJsonFile,
  readPrompt,
  requestOf,
} from '../prompt-input.ts';
import { openSession, type Session } from '../session.ts';
import { withAskOptions } from './ask-options.ts';

interface SubmitOptions extends AskOptions {
  readonly file?: string;
  readonly url?: string;
  readonly customId?: string;
  readonly metadata?: Record<string, string>;
  readonly priority?: number;
  readonly delay?: number;
  readonly timeout?: number;
  readonly webhook?: string;
  readonly idempotencyKey?: string;
}

/** `sluice submit`: a job, and no waiting for it. */
export function addSubmit(program: Command): void {
  withAskOptions(program.command('submit').argument('[prompt]', 'what to ask; standard input is added to it'))
    .description('submit a job, and print its id')
    .option('-f, --file <path>', 'a whole request as JSON, in place of a prompt; - is standard input')
    .option('--url <endpoint>', 'the endpoint whose request it is (/v1/chat/completions)')
    .option('--custom-id <id>', 'an id of yours')
    .option('--metadata <name=value>', 'to find it by; as often as you like', pairArgument)
    .option('--priority <number>', '0 (first) to 2097151', numberArgument)
    .option('--delay <seconds>', 'not to be started before', numberArgument)
    .option('--timeout <seconds>', 'expires if it has not settled by then', numberArgument)
    .option('--webhook <url>', 'told of its end')
    .option('--idempotency-key <key>', 'the same key makes the same job')
    .addHelpText(
      'after',
      `
Examples:
  job=$(sluice submit "Write a long story." -m openai/gpt-4o)
  sluice tail $job
  sluice submit --file request.json --delay 3600 --metadata team=night`,
    )
    .action(async (prompt: string | undefined, options: SubmitOptions, command: Command) => {
      const session = openSession(command);
      const { idempotencyKey } = options;
      const job = await session.client.jobs.submit(await jobRequest(session, prompt, options), {
        idempotencyKey,
      });
      if (session.json) session.terminal.json(job);
      else session.terminal.line(job.id);
    });
}

async function jobRequest(
  session: Session,
  prompt: string | undefined,
  options: SubmitOptions,
): Promise<JobRequest<object>> {
  const { file, url, customId: custom_id, metadata, priority, delay, timeout, webhook } = options;
  const body =
    file === undefined
      ? await requestOf(session, options, [{ role: 'user', content: await readPrompt(prompt) }])
      : await readJsonFile(file);
  return { body, url, custom_id, metadata, priority, delay, timeout, webhook };
}
