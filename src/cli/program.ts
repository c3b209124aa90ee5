import tab from '@bomb.sh/tab/commander';
import { Command } from 'commander';
import { addBatch } from './commands/batch.ts';
import { addChat } from './commands/chat.ts';
import { addConfig } from './commands/config.ts';
import { addDoctor } from './commands/doctor.ts';
import { addJobs } from './commands/jobs.ts';
import { addModels } from './commands/models.ts';
import { addRun } from './commands/run.ts';
import { addServe } from './commands/serve.ts';
import { addSubmit } from './commands/submit.ts';
import { addTail } from './commands/tail.ts';
import { EXIT_CODES_HELP } from './exit-codes.ts';

/** The `sluice` command with all its commands. */
export function createProgram(version: string): Command {
  const program = new Command('sluice')
    .description('Durable LLM completions: run Sluice, and talk to one that runs.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .option('--base-url <url>', 'the server to talk to; default: SLUICE_BASE_URL, else http://127.0.0.1:4000')
    .option('--json', 'JSON for programs, in place of what people read')
    .option('--no-color', 'no colours; also NO_COLOR=1')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help shows what there is.)')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      `
The server's key is taken from SLUICE_API_KEY, else from SLUICE_MASTER_KEY.

Examples:
  sluice serve                                   run Sluice here
  sluice chat -m openai/gpt-4o                   talk to a model
  sluice run "Why is the sky blue?"              ask once
  sluice batch run prompts.jsonl -o out.jsonl    ask fifty thousand times
  sluice doctor                                  what is wrong here, and what mends it
  source <(sluice completion zsh)                completion for your shell

${EXIT_CODES_HELP}`,
    );
  for (const add of [
    addServe,
    addChat,
    addRun,
    addSubmit,
    addTail,
    addJobs,
    addBatch,
    addModels,
    addDoctor,
    addConfig,
  ]) {
    add(program);
  }
  tab(program, { completionCommandName: 'completion' });
  return program;
}
