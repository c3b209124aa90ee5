import { resultLine } from '../batches/anthropic-lines.ts';
import { outputLine } from '../batches/openai-lines.ts';
import { Turns } from '../batches/turns.ts';
import type { Config } from '../config/config.ts';
import type { Batch, LineResult } from '../core/batch.ts';
import type { StoredFile } from '../core/stored-file.ts';
import type { FeederParts } from './feeder-parts.ts';

/** The files that hold a batch's results. */
export interface ResultFiles {
  readonly outputFileId: string | null;
  readonly errorFileId: string | null;
}

/** Ends of the ids of a batch's files, whose other digits are the batch's: who writes them again writes the same. */
const OUTPUT = '00001';
const ERRORS = '00002';

/** Lines after which others get a turn of the event loop. */
const TURN = 16;
/** Characters that are gathered before they are handed on. */
const CHUNK = 64 * 1024;

/** What writing them takes. */
type Parts = Pick<FeederParts, 'store' | 'files' | 'results'> & { readonly config: Pick<Config, 'limits'> };

/** A batch in the hands of the feeder whose epoch this is. */
type Taken = Batch & { readonly epoch: number };

/**
 * Writes the results of a batch, all of which are there, into files for its client. Throws if another feeder has taken the batch:
 * its client may have deleted them by now.
 */
export async function writeResultFiles(parts: Parts, batch: Taken): Promise<ResultFiles> {
  const { completed, failed, cancelled, expired } = batch.counts;
  const errors = failed + cancelled + expired;
  if (batch.kind === 'anthropic') {
    const all = completed + errors > 0;
    const write = (result: LineResult): string => resultLine(batch, result);
    return {
      outputFileId: all ? await keep(parts, batch, OUTPUT, 'results', write) : null,
      errorFileId: null,
    };
  }
  const only =
    (file: 'output' | 'errors') =>
    (result: LineResult): string | null => {
      if ((result.status === 'completed') !== (file === 'output')) return null;
      return outputLine(batch, result).text;
    };
  return {
    outputFileId: completed > 0 ? await keep(parts, batch, OUTPUT, 'output', only('output')) : null,
    errorFileId: errors > 0 ? await keep(parts, batch, ERRORS, 'error', only('errors')) : null,
  };
}

async function keep(
  { store, files, results, config }: Parts,
  batch: Taken,
  ending: string,
  name: string,
  write: (result: LineResult) => string | null,
): Promise<string> {
  const seconds = batch.outputExpiresAfter ?? config.limits.storedTtl;
  const about: Pick<StoredFile, 'filename' | 'purpose' | 'expiresAt'> = {
    filename: `${batch.id}_${name}.jsonl`,
    purpose: 'batch_output',
    expiresAt: Date.now() + 1000 * seconds,
  };
  const id = `file-${batch.id.slice('batch_'.length, -ending.length)}${ending}`;
  const received = await files.receive(inChunks(results.read(batch.id), write), id);
  await store.feed.check(batch.id, batch.epoch);
  await received.keep(about);
  return id;
}

async function* inChunks(
  results: AsyncIterable<LineResult>,
  write: (result: LineResult) => string | null,
): AsyncGenerator<Buffer> {
  let text = '';
  const turns = new Turns(TURN);
  for await (const result of results) {
    const turn = turns.step();
    if (turn) await turn;
    const line = write(result);
    if (line !== null) text += `${line}\n`;
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
