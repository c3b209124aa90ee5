import type { Command } from 'commander';
import { table } from '../format.ts';
import { Terminal } from '../terminal.ts';

/** `sluice config check`: what a configuration amounts to, or what is wrong with it. */
export function addConfig(program: Command): void {
  program
    .command('config')
    .description('look at the configuration')
    .command('check')
    .argument('[file]', 'default: SLUICE_CONFIG, else sluice.yaml')
    .description('say what a configuration offers, or every mistake in it with its place')
    .addHelpText(
      'after',
      `
The environment counts as well: keys of providers, and all that the file takes from os.environ/….

Examples:
  sluice config check
  sluice config check staging.yaml && deploy`,
    )
    .action(async (file: string | undefined, _options: object, command: Command) => {
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const { checkConfig } = await import('../configuration.ts');
      const { groups, warnings, source } = await checkConfig(file);
      const terminal = new Terminal();
      if (json) {
        terminal.json({ source, warnings, models: groups });
        return;
      }
      for (const warning of warnings) terminal.note(terminal.noteStyle('yellow', warning));
      terminal.line(`${source} is right. It offers:`);
      const rows = groups.flatMap(({ name, deployments }) =>
        deployments.map(({ provider, model, key }, index) => [
          index === 0 ? `  ${name}` : '',
          `${provider}/${model}`,
          terminal.style('dim', key),
        ]),
      );
      terminal.line(table(rows));
    });
}
