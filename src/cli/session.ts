import type { Command } from 'commander';
import { Sluice } from '../client/index.ts';
import { Terminal } from './terminal.ts';

/** Options that every command has. */
interface GlobalOptions {
  readonly baseUrl?: string;
  readonly json?: boolean;
}

/** What a command works with. */
export interface Session {
  readonly client: Sluice;
  readonly terminal: Terminal;
  /** For programs: JSON in place of what people read. */
  readonly json: boolean;
}

/** Where `sluice serve` listens unless it is told otherwise. */
function defaultBaseURL(environment: NodeJS.ProcessEnv): string {
  return environment.SLUICE_BASE_URL || `http://127.0.0.1:${environment.PORT || 4000}`;
}

/** Reads the options that a command has in common with all others. */
export function openSession(command: Command): Session {
  const { baseUrl, json = false } = command.optsWithGlobals<GlobalOptions>();
  const client = new Sluice({ baseURL: baseUrl ?? defaultBaseURL(process.env), maxRetries: 2 });
  return { client, terminal: new Terminal(), json };
}
