import { readFileSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';
import { explain, type Failure } from './failure.ts';
import { printableJson } from './printable.ts';
import { createProgram } from './program.ts';
import { Terminal } from './terminal.ts';

/** Runs the command of these arguments; resolves with its exit code. */
async function run(args: readonly string[]): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (args.includes('--no-color')) process.env.NO_COLOR = '1';
  try {
    await createProgram(version).parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (thrown) {
    const failure = explain(thrown);
    const terminal = new Terminal();
    if (failure.message === '') return failure.code;
    if (args.includes('--json')) terminal.note(printableJson({ error: errorObject(failure) }));
    else terminal.note(terminal.noteStyle('red', failure.message));
    return failure.code;
  }
}

/** As the server's API has errors, and what else is known of one. */
function errorObject({ message, error }: Failure): object {
  return {
    message: error?.message ?? message,
    code: error?.code ?? null,
    param: error?.param ?? null,
    status: error?.status ?? null,
    retryable: error?.retryable ?? false,
    request_id: error?.requestId ?? null,
    job_id: error?.jobId ?? null,
  };
}

// Who reads no further, as `| head`, has all that they wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.error);
});

// Nobody hears what is said besides: the exit code still tells.
process.stderr.on('error', () => {});

process.exitCode = await run(process.argv.slice(2));
