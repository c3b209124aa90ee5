import type { EmbeddingList, EmbeddingRequest } from '../core/embedding.ts';
import { SluiceError } from '../core/errors.ts';
import { Interruption } from '../core/interruption.ts';
import type { Provider } from '../providers/provider.ts';
import type { ProviderCall } from '../providers/provider-call.ts';

/**
 * One upstream call for embeddings. `maxBytes`: what all vectors together may take.
 *
 * @throws {Interruption} `output_too_large`. {SluiceError} `unsupported_value` where the provider embeds nothing.
 */
export async function embed(
  provider: Provider,
  request: EmbeddingRequest,
  call: ProviderCall,
  maxBytes: number,
): Promise<EmbeddingList> {
  if (provider.embed === undefined) {
    const message = `${provider.name} has no embeddings: choose a model of a provider that has.`;
    throw new SluiceError('unsupported_value', message, { param: 'model' });
  }
  const embeddings = await provider.embed(request, call);
  const bytes = embeddings.vectors.reduce((sum, { length }) => sum + length, 0);
  if (bytes > maxBytes) throw new Interruption('output_too_large');
  return embeddings;
}
