import { text } from 'node:stream/consumers';
import { inputKey, openInput } from '../batches/input.ts';
import { segmentFolder } from '../batches/segments.ts';
import type { Batch, InputError } from '../core/batch.ts';
import type { FeederParts } from './feeder-parts.ts';
import { type ValidInput, validateInput } from './validation.ts';

const INPUT_GONE: InputError = {
  code: 'input_file_gone',
  message: 'The input file was deleted, or has expired, before the batch began.',
  param: 'input_file_id',
  line: null,
};

/** Takes a copy of the input, which stays whatever becomes of the file, and looks through it. Mistakes, if there are any. */
export async function openBatch(
  { files, blobs, router, config }: FeederParts,
  batch: Batch,
): Promise<ValidInput | readonly InputError[]> {
  const input = await files.read(batch.inputFileId);
  if (input !== null) await blobs.write(inputKey(batch.id), input);
  // An earlier feeder may have copied it before it went.
  else if ((await blobs.read(inputKey(batch.id), 0, 0)) === null) return [INPUT_GONE];
  const found = await validateInput(batch, await openInput(blobs, batch.id, 0), router, config.limits);
  if ('leaders' in found && found.leaders.size > 0) {
    const leaders = Buffer.from(JSON.stringify([...found.leaders]));
    await blobs.write(leadersKey(batch.id), oneChunk(leaders));
  }
  return found;
}

/** By line: the line whose result it will have, too; as validation found them. */
export async function readLeaders(
  { blobs }: FeederParts,
  batch: Batch,
): Promise<ReadonlyMap<number, number>> {
  const stored = batch.dedupe ? await blobs.read(leadersKey(batch.id)) : null;
  return new Map(stored === null ? [] : (JSON.parse(await text(stored)) as [number, number][]));
}

function leadersKey(batchId: string): string {
  return `${segmentFolder(batchId)}/leaders.json`;
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
