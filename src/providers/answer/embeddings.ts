import type { Deployment } from '../../config/config.ts';
import { type EmbeddingList, encodeVector } from '../../core/embedding.ts';
import { SluiceError } from '../../core/errors.ts';
import { isFields } from '../../core/json.ts';
import { readErrorText, written } from '../errors/error-body.ts';
import { errorFromPayload, quote } from '../errors/upstream-error.ts';
import type { EmbeddingFormat } from '../formats/embedding-format.ts';
import { withoutSecrets } from '../transport/secrets.ts';

/**
 * The embeddings that an answer holds, whatever its format: as many vectors as there were inputs, of one length.
 *
 * @throws {SluiceError} what an error that came with 200 means, or `upstream_invalid_response`.
 */
export function readEmbeddings(
  deployment: Deployment,
  payload: unknown,
  { read }: EmbeddingFormat,
  inputs: number,
): EmbeddingList {
  const { provider } = deployment;
  const answer = isFields(payload) ? read(payload) : null;
  const vectors = answer?.vectors.map(toVector) ?? [];
  const [first = ''] = vectors;
  const same = vectors.every((vector) => vector !== null && vector.length === first?.length);
  if (answer !== null && vectors.length === inputs && same) {
    return { vectors: vectors.filter((vector) => vector !== null), usage: answer.usage };
  }
  const said = withoutSecrets(written(payload), deployment);
  if (readErrorText(said) !== null) throw errorFromPayload(provider, JSON.parse(said));
  const message =
    vectors.length > 0 && vectors.length !== inputs
      ? `${provider} answered ${inputs} inputs with ${vectors.length} embeddings.`
      : `${provider} answered with something else than embeddings: ${quote(said)}`;
  throw new SluiceError('upstream_invalid_response', message);
}

const FLOAT_BYTES = 4;

/** The vector in its canonical form; null if it is none. */
function toVector(value: unknown): string | null {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'base64');
    return bytes.length > 0 && bytes.length % FLOAT_BYTES === 0 ? bytes.toString('base64') : null;
  }
  if (!Array.isArray(value) || value.length === 0) return null;
  return value.every((number) => Number.isFinite(number)) ? encodeVector(value) : null;
}
