import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type CommandEnd, type CommandOptions, runCommand } from './command.ts';
import { openTerminal, type PseudoTerminal } from './pseudo-terminal.ts';
import { sharedSluice } from './shared-sluice.ts';

/** A Sluice, a folder to work in, and the command that talks to the one from the other. */
export function commandSluice() {
  const sluice = sharedSluice({
    config: {
      model_list: [
        { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
        {
          model_name: 'priced',
          litellm_params: {
            model: 'scripted/echo',
            input_cost_per_token: 0.001,
            output_cost_per_token: 0.001,
          },
        },
      ],
      router_settings: { num_retries: 1 },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-command-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const env = () => ({ SLUICE_BASE_URL: sluice.url });
  const run = (args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> =>
    runCommand(args, { cwd: folder, ...options, env: { ...env(), ...options.env } });
  const terminal = (
    args: readonly string[],
    options: { columns?: number; rows?: number } = {},
  ): PseudoTerminal => openTerminal(args, { cwd: folder, ...options, env: env() });
  /** Writes a file into the folder; its path. */
  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  return { sluice, folder, env, run, terminal, file };
}
