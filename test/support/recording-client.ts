import type { Delta } from '../../src/core/delta.ts';
import { HttpClient, type HttpRequest, type StreamCall } from '../../src/providers/transport/http-client.ts';
import { MediaFetcher } from '../../src/providers/transport/media-fetcher.ts';
import { Upstream } from '../../src/providers/upstream.ts';
import { moduleOf } from './formats.ts';
import { collect, deployment, type Outcome, providerCall, userRequest } from './provider-calls.ts';

type Place = Parameters<typeof deployment>[0];

/** Sends nothing: keeps the request for an answer, and answers calls beside it with `beside`. */
class RecordingClient extends HttpClient {
  request: HttpRequest | null = null;
  readonly #beside: unknown;

  constructor(beside: unknown) {
    super();
    this.#beside = beside;
  }

  override async json(): Promise<unknown> {
    return this.#beside;
  }

  override async *stream(call: StreamCall): AsyncGenerator<Delta, void, undefined> {
    this.request = await call.prepare(call.signal);
    yield { type: 'start', choice: 0 };
  }
}

/** What a provider would send for `hi`, where it can call anybody; `request` is null if it threw before. */
export async function requestOf(
  name: string,
  model: string,
  place: Place = {},
  beside: unknown = null,
): Promise<{ request: HttpRequest | null; error: Outcome['error'] }> {
  const http = new RecordingClient(beside);
  const media = new MediaFetcher();
  const stream = moduleOf(name).create(new Upstream(http, media));
  const call = providerCall({ model, deployment: deployment({ provider: name, ...place }) });
  const { error } = await collect(stream(userRequest('hi'), call));
  await Promise.all([http.close(), media.close()]);
  return { request: http.request, error };
}
