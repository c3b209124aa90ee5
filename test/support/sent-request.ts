import type { CompletionRequest } from '../../src/core/completion.ts';
import type { ProviderModule } from '../../src/providers/provider.ts';
import type { ProviderCall } from '../../src/providers/provider-call.ts';
import { PreparedRequest } from '../../src/providers/request/prepared-request.ts';
import type { Destination, Upstream } from '../../src/providers/upstream.ts';
import { collect } from './provider-calls.ts';

/** What a provider would send where. */
export interface SentRequest extends Destination {
  readonly format: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a provider sends, to addresses too that no test can call; throws what it throws. */
export async function sentRequest(
  provider: ProviderModule,
  request: CompletionRequest,
  call: ProviderCall,
): Promise<SentRequest> {
  let sent: SentRequest | null = null;
  const upstream: Pick<Upstream, 'stream'> = {
    async *stream(format, asked, named, locate) {
      const prepared = new PreparedRequest(asked, named, format.supports, format.ownTools);
      const body = { ...format.encode(prepared) };
      const destination = await locate(JSON.stringify(body), named.signal);
      sent = { ...destination, body, format: format.name };
      yield { type: 'start', choice: 0 };
    },
  };
  const { error } = await collect(provider.create(upstream as Upstream)(request, call));
  if (error !== null || sent === null) throw error;
  return sent;
}
