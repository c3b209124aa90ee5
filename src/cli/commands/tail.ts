import type { Command } from 'commander';
import { printAnswer } from '../answer-printer.ts';
import { EXIT, Exit } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { openSession } from '../session.ts';

/** `sluice tail`: follows a job to its end, through every break of the connection. */
export function addTail(program: Command): void {
  program
    .command('tail')
    .argument('<job>', 'its id')
    .description('follow a job to its end; reconnects by itself')
    .option('--after <offset>', 'go on behind this offset, <epoch>-<seq>')
    .addHelpText(
      'after',
      `
Ctrl-C leaves the job alone. With --json each event is a line: attempt, delta (with its offset), end.

Examples:
  sluice tail job_0198…
  sluice tail job_0198… --json --after 1-42`,
    )
    .action(async (id: string, { after }: { after?: string }, command: Command) => {
      const session = openSession(command);
      await interruptible(async (signal) => {
        try {
          const open = (options: object) => session.client.jobs.stream(id, options);
          await printAnswer(session, open, { signal, after, events: session.json });
        } catch (error) {
          if (!signal.aborted) throw error;
          throw new Exit(
            EXIT.interrupted,
            `${id} goes on. \`sluice tail ${id}\` follows it, \`sluice cancel\` ends it.`,
          );
        }
      });
    });
}
