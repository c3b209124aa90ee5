import type { CompletionRequest } from '../core/completion.ts';
import type { Delta } from '../core/delta.ts';
import type { EmbeddingList, EmbeddingRequest } from '../core/embedding.ts';
import { decoderFor } from './answer/decoders.ts';
import { readEmbeddings } from './answer/embeddings.ts';
import type { EmbeddingFormat } from './formats/embedding-format.ts';
import type { Format } from './formats/format.ts';
import type { ProviderCall } from './provider-call.ts';
import { PreparedEmbedding } from './request/prepared-embedding.ts';
import { PreparedRequest } from './request/prepared-request.ts';
import { LONGEST_MESSAGE } from './transport/framing.ts';
import type { HttpClient, HttpRequest } from './transport/http-client.ts';
import type { MediaFetcher } from './transport/media-fetcher.ts';

/** Where a call goes and what opens the door there. `url` is whole; `headers` have lower-case names. */
export type Destination = Pick<HttpRequest, 'url' | 'headers'>;

/** Says where a call with this body goes. May take its time, for a token; `signal` aborts with the call. */
export type Locate = (body: string, signal: AbortSignal) => Destination | Promise<Destination>;

/** The longest answer with embeddings, in bytes: numbers take about five times as many as jobs keep of them. */
const LONGEST_EMBEDDINGS = 5 * LONGEST_MESSAGE;

/** What every provider calls through: a request in OpenAI's terms goes out in a format, deltas come back. */
export class Upstream {
  readonly http: HttpClient;
  readonly #media: MediaFetcher;

  constructor(http: HttpClient, media: MediaFetcher) {
    this.http = http;
    this.#media = media;
  }

  /** Makes one streamed call. Throws as `Provider.stream` does. */
  stream(
    format: Format,
    request: CompletionRequest,
    call: ProviderCall,
    locate: Locate,
  ): AsyncIterable<Delta> {
    const { deployment, signal } = call;
    const { provider } = deployment;
    return this.http.stream({
      provider,
      deployment,
      signal,
      prepare: (ending) => this.#prepare(format, request, call, locate, ending),
      decoder: (contentType) => decoderFor(provider, contentType, (answer) => format.read(answer)),
    });
  }

  /** Makes one call for embeddings. Throws as `Provider.embed` does. */
  async embed(
    format: EmbeddingFormat,
    request: EmbeddingRequest,
    call: ProviderCall,
    locate: Locate,
  ): Promise<EmbeddingList> {
    const { deployment, signal } = call;
    const { provider } = deployment;
    const prepared = new PreparedEmbedding(request, call, format);
    const body = JSON.stringify(format.encode(prepared));
    const payload = await this.http.whole({
      provider,
      deployment,
      signal,
      maxBytes: LONGEST_EMBEDDINGS,
      prepare: async (ending) => {
        const { url, headers } = await locate(body, ending);
        return toRequest({ url, headers: { accept: 'application/json', ...headers } }, body, call);
      },
    });
    return readEmbeddings(deployment, payload, format, prepared.inputs.length);
  }

  #prepare(
    format: Format,
    request: CompletionRequest,
    call: ProviderCall,
    locate: Locate,
    signal: AbortSignal,
  ): HttpRequest | Promise<HttpRequest> {
    const send = (whole: CompletionRequest): HttpRequest | Promise<HttpRequest> => {
      const prepared = new PreparedRequest(
        whole,
        call,
        format.supports,
        format.ownTools,
        format.anthropic?.(call.model),
      );
      const body = JSON.stringify(format.encode(prepared));
      const place = locate(body, signal);
      return place instanceof Promise
        ? place.then((at) => toRequest(at, body, call))
        : toRequest(place, body, call);
    };
    if (format.media === 'urls') return send(request);
    const inlined = this.#media.inline(request, signal, format.readsUrl);
    return inlined instanceof Promise ? inlined.then(send) : send(inlined);
  }
}

function toRequest({ url, headers }: Destination, body: string, { deployment }: ProviderCall): HttpRequest {
  return { url, headers: { ...headers, ...deployment.extraHeaders }, body };
}
