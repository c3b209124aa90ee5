import type { Command } from 'commander';
import { countArgument, numberArgument } from '../prompt-input.ts';

/** Adds the options that say what to ask, and whom. */
export function withAskOptions(command: Command): Command {
  return command
    .option(
      '-m, --model <model>',
      'the model to ask; default: SLUICE_MODEL, else the first of `sluice models`',
    )
    .option('-s, --system <text>', 'a system message before the prompt')
    .option('-t, --temperature <number>', 'how much chance there is in the answer, 0 to 2', numberArgument)
    .option('--max-tokens <count>', 'the longest answer, in tokens', countArgument);
}
