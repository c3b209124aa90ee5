import { readFileSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';
import { explain } from './failure.ts';
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
    const { message, code, error } = explain(thrown);
    const terminal = new Terminal();
    if (args.includes('--json') && error !== null) {
      const { status, code: reason, param, retryable, requestId, jobId } = error;
      const details = {
        message: error.message,
        code: reason,
        param,
        status,
        retryable,
        request_id: requestId,
        job_id: jobId,
      };
      terminal.note(printableJson({ error: details }));
    } else if (message !== '') {
      terminal.note(terminal.noteStyle('red', message));
    }
    return code;
  }
}

// Who reads no further, as `| head`, has all that they wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.error);
});

// Nobody hears what is said besides: the exit code still tells.
process.stderr.on('error', () => {});

process.exitCode = await run(process.argv.slice(2));
