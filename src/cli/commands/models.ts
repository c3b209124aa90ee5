import type { Command } from 'commander';
import { printable } from '../printable.ts';
import { openSession } from '../session.ts';

/** `sluice models`: what can be asked for. */
export function addModels(program: Command): void {
  program
    .command('models')
    .description('list the models that the server offers')
    .action(async (_options: object, command: Command) => {
      const { client, terminal, json } = openSession(command);
      const models = await client.models();
      if (json) terminal.json(models);
      else for (const { id } of models) terminal.line(printable(id));
      const wildcard = models.find(({ id }) => id.endsWith('/*'));
      if (!json && wildcard)
        terminal.note(
          `${wildcard.id} is every model of that provider: write ${wildcard.id.replace('*', 'name')}.`,
        );
    });
}
