import { hash } from 'node:crypto';
import {
  type EmbeddingInput,
  type EmbeddingList,
  type EmbeddingRequest,
  encodeVector,
  inputsOf,
  promptUsage,
} from '../../core/embedding.ts';
import { SluiceError } from '../../core/errors.ts';
import type { ProviderCall } from '../provider-call.ts';
import { readOptions, refusal } from './options.ts';
import { fateOf, type ScriptedFate, wordsOf } from './plan.ts';

/** Everything that a scripted answer with embeddings will do. */
export interface ScriptedEmbeddings extends ScriptedFate {
  readonly embeddings: EmbeddingList;
}

const DIMENSIONS = 16;
/** Numbers of one answer, all vectors together: they are made while nothing else runs. */
const MOST_NUMBERS = 1_000_000;
/** Numbers of 32 bits that one digest gives. */
const PER_DIGEST = 8;

/** Plans the answer to one call. Throws what `readOptions` does, and `upstream_not_found` for another model. */
export function planEmbeddings(request: EmbeddingRequest, call: ProviderCall): ScriptedEmbeddings {
  const [name] = call.model.split('?');
  if (name !== 'embed') {
    const message = `The scripted provider has no embeddings '${name}', only 'embed'.`;
    throw new SluiceError('upstream_not_found', message, { param: 'model' });
  }
  const options = readOptions(request, call);
  const dimensions = request.dimensions ?? options.dimensions ?? DIMENSIONS;
  const inputs = inputsOf(request);
  if (dimensions * inputs.length > MOST_NUMBERS) {
    throw refusal(
      `makes up to ${MOST_NUMBERS} numbers at once, not ${inputs.length} × ${dimensions}.`,
      'dimensions',
    );
  }
  const tokens = inputs.reduce((sum, input) => sum + tokensOf(input), 0);
  const vectors = inputs.map((input) => encodeVector(unitVector(JSON.stringify(input), dimensions)));
  return { embeddings: { vectors, usage: promptUsage(tokens) }, ...fateOf(options, call.epoch) };
}

function tokensOf(input: EmbeddingInput): number {
  return typeof input === 'string' ? wordsOf(input).length : input.length;
}

/** Numbers that look random and depend on the text alone. */
function unitVector(text: string, dimensions: number): number[] {
  const digests = Array.from({ length: Math.ceil(dimensions / PER_DIGEST) }, (_, part) =>
    hash('sha256', `${part}:${text}`, 'buffer'),
  );
  const numbers = digests.flatMap((digest) =>
    Array.from({ length: PER_DIGEST }, (_, index) => digest.readInt32LE(4 * index) / 2 ** 31),
  );
  const vector = numbers.slice(0, dimensions);
  const length = Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
  return vector.map((number) => number / length);
}
