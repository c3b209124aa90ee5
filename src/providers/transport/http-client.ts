import { Agent, type Dispatcher } from 'undici';
import type { Delta } from '../../core/delta.ts';
import { SluiceError } from '../../core/errors.ts';
import { readErrorText } from '../errors/error-body.ts';
import { errorFromAnswer, errorFromPayload, quote } from '../errors/upstream-error.ts';
import { readBeginning, readWhole } from './body.ts';
import { CallWatch, type WatchedCall } from './call-watch.ts';
import { LONGEST_MESSAGE } from './framing.ts';
import { errorWithoutSecrets, withoutSecrets } from './secrets.ts';

/** One HTTP request to an upstream. */
export interface HttpRequest {
  /** POST unless said otherwise. */
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  /** Lower-case names; `user-agent` is set here, and so are `content-type` and `accept` where they are missing. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One call, with the request still to be made. */
export interface PreparedCall extends WatchedCall {
  /** Makes the request; the time that it takes counts for the call. `signal` aborts with the call. */
  prepare(signal: AbortSignal): HttpRequest | Promise<HttpRequest>;
}

/** One call that is answered with JSON. */
export interface JsonCall extends PreparedCall {
  /** The longest answer that is read. */
  readonly maxBytes: number;
}

/** One streamed call. */
export interface StreamCall extends PreparedCall {
  /** What reads an answer of this content type; null: it is not what the provider sends. */
  decoder(contentType: string): StreamDecoder | null;
}

/**
 * Turns the bytes of one answer into deltas. Nothing here throws: a failure waits behind the deltas that
 * came before it.
 */
export interface StreamDecoder {
  /** What has been decoded and not been taken yet; the reader empties it. */
  readonly deltas: Delta[];
  /** Set once, when the stream turned out to be broken; it is thrown after `deltas`. */
  readonly failure: SluiceError | null;
  /** True once the format's own terminator has been seen: nothing of interest follows. */
  readonly done: boolean;
  /** True while every choice that began has ended: what may still come is usage. */
  readonly complete: boolean;
  /** Takes the next bytes; they may be cut anywhere. */
  feed(bytes: Uint8Array): void;
  /** Takes note that the stream ended, and decides whether the answer is whole. */
  end(): void;
}

type Answer = Dispatcher.ResponseData;
type Body = Answer['body'];

const CONNECTIONS_PER_ORIGIN = 1024;
const KEEP_ALIVE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long the body of an error is waited for, in ms: its status has said the most. */
const ERROR_BODY_MS = 5000;
/** How long the end of an answer may lag behind the terminator of its format, for its socket to be kept. */
const RELEASE_MS = 1000;

export interface HttpLimits {
  /** To one origin; more calls wait for a free one. */
  readonly connections?: number;
  /** Ms until an address that does not answer counts as unreachable. */
  readonly connectTimeout?: number;
  /** Ms that the body of an error is waited for. */
  readonly errorTimeout?: number;
}

/** The only way to an upstream: a pool of HTTP/1.1 connections shared by all providers. */
export class HttpClient {
  readonly #agent: Agent;
  readonly #errorTimeout: number;

  constructor({
    connections = CONNECTIONS_PER_ORIGIN,
    connectTimeout = CONNECT_TIMEOUT_MS,
    errorTimeout = ERROR_BODY_MS,
  }: HttpLimits = {}) {
    this.#errorTimeout = errorTimeout;
    // One call a socket, and no HTTP/2: a lost socket takes one answer with it and not hundreds. No retries
    // either: undici's resume with byte ranges, and whether to pay for a second answer is routing's business.
    this.#agent = new Agent({
      connections,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: { timeout: connectTimeout },
    });
  }

  /**
   * Makes the call and yields what its decoder makes of the answer. When `signal` aborts, the socket is closed
   * at once and the signal's reason is thrown; everything else that is thrown is a SluiceError:
   * `upstream_unreachable` (no answer began), `upstream_timeout`, `upstream_truncated`,
   * `upstream_invalid_response`, what an error answer means, and what `prepare` throws.
   */
  async *stream(call: StreamCall): AsyncGenerator<Delta, void, undefined> {
    call.signal.throwIfAborted();
    const watch = new CallWatch(call);
    let body: Body | null = null;
    let decoder: StreamDecoder | null = null;
    try {
      const answer = await this.#send(await this.#prepare(call, watch), call, watch);
      body = answer.body;
      // Destroying a body that nobody reads any more emits an error, which would end the process.
      body.on('error', ignore);
      decoder = await accept(call, answer, watch, this.#errorTimeout);
      const chunks: AsyncIterator<Uint8Array> = body.iterator({ destroyOnReturn: false });
      while (!decoder.done) {
        const bytes = await nextChunk(chunks, decoder, watch);
        if (bytes === null) break;
        decoder.feed(bytes);
        for (const delta of decoder.deltas) {
          yield delta;
          call.signal.throwIfAborted();
        }
        decoder.deltas.length = 0;
        if (decoder.failure) throw errorWithoutSecrets(decoder.failure, call.deployment);
      }
      decoder.end();
      yield* decoder.deltas;
      decoder.deltas.length = 0;
      if (decoder.failure) throw errorWithoutSecrets(decoder.failure, call.deployment);
    } catch (thrown) {
      // What was generated has been billed, also where the call was given up or broke.
      decoder?.end();
      yield* decoder?.deltas.filter(({ type }) => type === 'usage') ?? [];
      throw thrown;
    } finally {
      watch.stop();
      if (body) release(body, decoder?.done === true);
    }
  }

  /**
   * Makes a small call beside the streamed one (a token, a prediction to be followed) and returns its JSON.
   * Throws as {@link HttpClient.stream} does.
   */
  json(request: HttpRequest, call: WatchedCall): Promise<unknown> {
    return this.whole({ ...call, prepare: () => request, maxBytes: LONGEST_MESSAGE });
  }

  /** Makes the call and returns the JSON that it is answered with. Throws as {@link HttpClient.stream} does. */
  async whole(call: JsonCall): Promise<unknown> {
    call.signal.throwIfAborted();
    const { provider } = call;
    const watch = new CallWatch(call);
    let body: Body | null = null;
    try {
      const answer = await this.#send(await this.#prepare(call, watch), call, watch);
      body = answer.body;
      body.on('error', ignore);
      const { statusCode: status, headers } = answer;
      if (isGood(status)) return parseJson(call, await readWhole(body, provider, watch, call.maxBytes));
      const text = withoutSecrets(await readBeginning(body, this.#errorTimeout), call.deployment);
      if (watch.aborted) throw call.signal.reason;
      throw errorFromAnswer({ provider, status, headers, body: text });
    } finally {
      watch.stop();
      if (body) release(body, false);
    }
  }

  /** Closes every connection at once. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #prepare(call: PreparedCall, watch: CallWatch): Promise<HttpRequest> {
    const prepared = call.prepare(watch.signal);
    if (!(prepared instanceof Promise)) return prepared;
    try {
      return await Promise.race([prepared, watch.stopped]);
    } catch (thrown) {
      prepared.catch(ignore);
      throw thrown instanceof SluiceError ? thrown : watch.explain(thrown, 'request');
    }
  }

  async #send(request: HttpRequest, call: WatchedCall, watch: CallWatch): Promise<Answer> {
    const url = new URL(request.url);
    const silence = call.deployment.streamTimeout * 1000;
    const sent = this.#agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method ?? 'POST',
      headers: {
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
        accept: 'text/event-stream',
        'accept-encoding': 'identity',
        'user-agent': 'sluice',
        ...request.headers,
      },
      ...(request.body !== undefined && { body: request.body }),
      headersTimeout: silence,
      bodyTimeout: silence,
      signal: watch.signal,
    });
    try {
      // undici hears the signal only once it has a socket, which may take as long as the connect timeout.
      return await Promise.race([sent, watch.stopped]);
    } catch (thrown) {
      sent.then(({ body }) => body.on('error', ignore).destroy(), ignore);
      throw watch.explain(thrown, 'request');
    }
  }
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

function parseJson({ provider, deployment }: WatchedCall, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const said = quote(withoutSecrets(text, deployment).trim());
    const message = `${provider} answered with something that is not JSON: ${said}`;
    throw new SluiceError('upstream_invalid_response', message);
  }
}

/** The next bytes; null at the end, and where the connection breaks after all that matters has come. */
async function nextChunk(
  chunks: AsyncIterator<Uint8Array>,
  decoder: StreamDecoder,
  watch: CallWatch,
): Promise<Uint8Array | null> {
  try {
    const next = await chunks.next();
    return next.done ? null : next.value;
  } catch (thrown) {
    if (decoder.complete && !watch.aborted) return null;
    throw watch.explain(thrown, 'answer');
  }
}

/** What reads the answer; throws what an answer means that nothing reads. */
async function accept(
  call: StreamCall,
  answer: Answer,
  watch: CallWatch,
  errorTimeout: number,
): Promise<StreamDecoder> {
  const { provider } = call;
  const { statusCode: status, headers } = answer;
  const type = String(headers['content-type'] ?? 'text/event-stream');
  const decoder = isGood(status) ? call.decoder(type) : null;
  if (decoder !== null) return decoder;
  const text = withoutSecrets(await readBeginning(answer.body, errorTimeout), call.deployment);
  if (watch.aborted) throw call.signal.reason;
  if (!isGood(status)) throw errorFromAnswer({ provider, status, headers, body: text });
  if (readErrorText(text)) throw errorFromPayload(provider, JSON.parse(text));
  throw new SluiceError(
    'upstream_invalid_response',
    `${provider} answered with ${quote(type)} in place of a stream: ${quote(text.trim())}`,
  );
}

/** Lets the last bytes of a whole answer pass, so that its socket can serve the next call; else closes it. */
function release(body: Body, whole: boolean): void {
  if (body.readableEnded || body.destroyed) return;
  if (!whole) {
    body.destroy();
    return;
  }
  const timer = setTimeout(() => body.destroy(), RELEASE_MS).unref();
  body.once('close', () => clearTimeout(timer)).resume();
}

function ignore(): void {}
