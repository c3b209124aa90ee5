import type { Command } from 'commander';
import type { Job } from '../../client/index.ts';
import { printAnswer } from '../answer-printer.ts';
import { EXIT, Exit } from '../exit-codes.ts';
import { cancelInterrupted, interruptible, untilSubmitted } from '../interrupt.ts';
import { type AskOptions, readPrompt, requestOf } from '../prompt-input.ts';
import { openSession, type Session } from '../session.ts';
import { withAskOptions } from './ask-options.ts';

/** `sluice run`: one prompt, one answer. */
export function addRun(program: Command): void {
  withAskOptions(program.command('run').argument('[prompt]', 'what to ask; standard input is added to it'))
    .description('ask once, and print the answer as it comes')
    .addHelpText(
      'after',
      `
Into a pipe or a file goes the answer alone, once it is whole. Ctrl-C cancels the job.

Examples:
  sluice run "Why is the sky blue?" -m openai/gpt-4o
  git diff | sluice run "Write a commit message." > message.txt
  sluice run "Three colours." --json | jq -r .usage.total_tokens`,
    )
    .action(async (prompt: string | undefined, options: AskOptions, command: Command) => {
      const session = openSession(command);
      const content = await readPrompt(prompt);
      const body = await requestOf(session, options, [{ role: 'user', content }]);
      // From before there is a job: one that nobody waits for is not to be left behind.
      await interruptible(async (signal) => {
        const submitting = session.client.jobs.submit({ body: { ...body } });
        const job = await untilSubmitted(session, signal, submitting);
        await answer(session, job, signal);
      });
    });
}

async function answer(session: Session, job: Job, signal: AbortSignal): Promise<void> {
  try {
    if (session.json) session.terminal.json(await job.result({ signal }));
    else await printAnswer(session, (options) => job.stream(options), { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Exit(EXIT.interrupted, await cancelInterrupted(job));
  }
}
