import { Writable } from 'node:stream';
import { Argument, type Command } from 'commander';
import type { Roles } from '../../serve.ts';
import { printableWithColours } from '../printable.ts';

const ROLES = ['api', 'worker', 'feeder'] as const;

interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `sluice serve`: Sluice itself, as `npm start` runs it. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .addArgument(new Argument('[roles...]', 'what this process is; default: all of them').choices(ROLES))
    .description('run Sluice: the API, a worker (with a feeder, for batches), or all in one process')
    .option('-p, --port <port>', 'where the API listens (PORT, 4000)')
    .option('--host <host>', 'and on which address (HOST, 127.0.0.1)')
    .option('-c, --config <file>', 'the configuration (SLUICE_CONFIG, sluice.yaml)')
    .addHelpText(
      'after',
      `
Without REDIS_URL it runs a Redis of its own, in SLUICE_DATA_DIR (.sluice). Without a configuration it offers what the
environment has keys for, and scripted/*, which needs none. Its log is JSON, unless a terminal shows it.

Examples:
  sluice serve
  OPENAI_API_KEY=… sluice serve --port 8080
  sluice serve api & sluice serve worker & sluice serve worker`,
    )
    .action(async (names: string[], _options: object, command: Command) => {
      const options = command.optsWithGlobals<ServeOptions>();
      const { serve } = await import('../../serve.ts');
      const pretty = process.stdout.isTTY && !options.json ? await prettyLog() : undefined;
      await serve(rolesOf(names), environmentOf(options), pretty);
    });
}

/** A worker takes batches through the queue as well, as `npm run worker` does. */
function rolesOf(names: readonly string[]): Roles {
  const all = names.length === 0;
  const has = (name: string): boolean => all || names.includes(name);
  return { api: has('api'), worker: has('worker'), feeder: has('feeder') || has('worker') };
}

function environmentOf({ port, host, config }: ServeOptions): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...(port !== undefined && { PORT: port }),
    ...(host !== undefined && { HOST: host }),
    ...(config !== undefined && { SLUICE_CONFIG: config }),
  };
}

async function prettyLog() {
  const { PinoPretty } = await import('pino-pretty');
  // What it tells of a request, its sender has written.
  const destination = new Writable({
    decodeStrings: false,
    write: (text, _encoding, done) => {
      process.stdout.write(printableWithColours(String(text)));
      done();
    },
  });
  return PinoPretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', destination });
}
