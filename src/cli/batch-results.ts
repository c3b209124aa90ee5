import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { APIConnectionError, type BatchObject } from '../client/index.ts';
import { errorsPathOf } from './batch-output.ts';
import { replaceFile } from './batch-state.ts';
import { EXIT, Exit } from './exit-codes.ts';
import type { Session } from './session.ts';

/** How often a file is asked for while the server is out of reach, and milliseconds before the second time. */
const TRIES = 7;
const FIRST_DELAY = 250;

/** Writes output and errors; a file that has nothing to hold is not there. */
export async function writeResults(
  { client, terminal, json }: Session,
  batch: BatchObject,
  output: string,
  signal: AbortSignal,
): Promise<void> {
  refuseInvalid(batch);
  const errors = errorsPathOf(output);
  for (const [path, fileId] of [
    [output, batch.output_file_id],
    [errors, batch.error_file_id],
  ] as const) {
    if (fileId === null) await (path === output ? replaceFile(path, '') : rm(path, { force: true }));
    else await download(client, fileId, path, signal);
  }
  const { completed, failed, total } = batch.request_counts;
  if (json) return;
  terminal.note(`${completed} of ${total} lines completed, in ${output}.`);
  if (failed > 0) terminal.note(`${failed} did not, in ${errors}.`);
}

/** A file that breaks off is read again from its beginning: half of it is written nowhere. */
async function download(
  client: Session['client'],
  fileId: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      const { body } = await client.files.content(fileId, { signal });
      await replaceFile(path, body ?? '');
      return;
    } catch (error) {
      if (signal.aborted)
        throw new Exit(EXIT.interrupted, 'Not all results were read. The same command reads them.');
      // A body that breaks off is a TypeError of fetch, which has a cause.
      const broke = error instanceof APIConnectionError || (error instanceof TypeError && error.cause);
      if (!broke) throw error;
      if (tries === TRIES)
        throw new Exit(
          EXIT.unreachable,
          'The server went out of reach before all results were read. The same command reads them.',
        );
      await delay(FIRST_DELAY * 2 ** (tries - 1));
    }
  }
}

function refuseInvalid({ id, status, errors }: BatchObject): void {
  if (status !== 'failed') return;
  const mistakes = (errors?.data ?? []).map(
    ({ line, message }) => `  ${line === null ? '' : `line ${line}: `}${message}`,
  );
  throw new Exit(EXIT.usage, [`${id} was not run, because its input is not valid:`, ...mistakes].join('\n'));
}
