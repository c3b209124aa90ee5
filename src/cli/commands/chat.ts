import type { Command } from 'commander';
import { Conversation } from '../conversation.ts';
import { EXIT, Exit } from '../exit-codes.ts';
import { type AskOptions, chooseModel } from '../prompt-input.ts';
import { openSession } from '../session.ts';
import { withAskOptions } from './ask-options.ts';

/** `sluice chat`: a conversation in the terminal. */
export function addChat(program: Command): void {
  withAskOptions(program.command('chat'))
    .description('talk to a model; every answer is a job that outlives this terminal')
    .option('-r, --resume <job>', 'go on with the conversation that this answer belongs to')
    .addHelpText(
      'after',
      `
Ctrl-C cancels the answer that is being written, and leaves at the prompt; so does ctrl-D. If the terminal closes, the
answer is written to its end: --resume shows it.

Examples:
  sluice chat -m anthropic/claude-sonnet-4-5
  sluice chat --resume job_0198…`,
    )
    .action(async (options: AskOptions & { resume?: string }, command: Command) => {
      if (!process.stdin.isTTY || !process.stdout.isTTY) {
        throw new Exit(EXIT.usage, 'sluice chat needs a terminal. For pipes there is `sluice run`.');
      }
      const session = openSession(command);
      const conversation = new Conversation(session, options);
      if (options.resume !== undefined) await conversation.resume(options.resume);
      else conversation.begin(await chooseModel(session, options));
      await conversation.talk();
    });
}
