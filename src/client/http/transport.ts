import { errorOfResponse } from '../error-of.ts';
import { APIConnectionError, APIError, BadRequestError } from '../errors.ts';
import { environmentVariable } from './environment.ts';
import { backoff, sleep, timerOf } from './waiting.ts';

/** How a client reaches its server. */
export interface TransportOptions {
  /** Where the server is, with or without `/v1`. Default: `SLUICE_BASE_URL`. In browsers it may be a path. */
  readonly baseURL?: string | undefined;
  /** Sent as Bearer token. Default: `SLUICE_API_KEY`, else `SLUICE_MASTER_KEY`; none where those are not set. */
  readonly apiKey?: string | null | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How often a request is repeated that got no answer, or one that says to try again. Default 5. */
  readonly maxRetries?: number | undefined;
  /** Seconds that one request has to be answered, beyond what it asks to wait. Default 60. */
  readonly requestTimeout?: number | undefined;
  /** Seconds that a stream goes on trying to reconnect before it gives up. Default 300. */
  readonly reconnectFor?: number | undefined;
  /** Seconds after which a stream that says nothing, not even that it is alive, is taken for dead. Default 60. */
  readonly stallTimeout?: number | undefined;
  /** In place of the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** One request. */
export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Seconds that the server may take before it answers, besides `requestTimeout`. */
  readonly wait?: number;
  /** A status that is an answer, too, although it is none of 2xx. */
  readonly alsoAnswer?: number;
  /** The job that the request is about, for errors. */
  readonly jobId?: string | null;
}

/** A request to hand on. A body that is a stream needs `duplex`. */
export interface ForwardedCall extends RequestInit {
  readonly headers: Readonly<Record<string, string>>;
  readonly duplex?: 'half';
}

const DEFAULT_RETRIES = 5;
const DEFAULT_REQUEST_TIMEOUT = 60;
const DEFAULT_RECONNECT = 300;
const DEFAULT_STALL = 60;
/** Seconds. A server that asks for more is asked again sooner. */
const LONGEST_RETRY_AFTER = 60;

/** Sends requests to one server, and repeats what is safe to repeat. */
export class Transport {
  readonly baseURL: string;
  readonly reconnectFor: number;
  readonly stallTimeout: number;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #maxRetries: number;
  readonly #requestTimeout: number;
  readonly #fetch: typeof globalThis.fetch;

  constructor(options: TransportOptions = {}) {
    this.baseURL = readBaseURL(options.baseURL);
    const given = options.apiKey;
    const key =
      given === undefined
        ? (environmentVariable('SLUICE_API_KEY') ?? environmentVariable('SLUICE_MASTER_KEY'))
        : given;
    this.#headers = { ...(key && { Authorization: `Bearer ${key}` }), ...options.headers };
    this.#maxRetries = options.maxRetries ?? DEFAULT_RETRIES;
    this.#requestTimeout = options.requestTimeout ?? DEFAULT_REQUEST_TIMEOUT;
    this.reconnectFor = options.reconnectFor ?? DEFAULT_RECONNECT;
    this.stallTimeout = options.stallTimeout ?? DEFAULT_STALL;
    // Browsers refuse to call their `fetch` as a method of something else.
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /** The JSON of an answer; what is not 2xx is thrown, after as many tries as it is worth. */
  json<Body>(path: string, call: Call = {}): Promise<Body> {
    return this.#repeat(path, call, async (response) => {
      const text = await response.text();
      // A page of an app or a proxy: to ask for it again would not change it.
      if (text.startsWith('<'))
        throw new APIError(`${this.baseURL} sends a page in place of JSON. Is Sluice there?`);
      return JSON.parse(text) as Body;
    });
  }

  /** An answer of 2xx whose body is still to be read. */
  request(path: string, call: Call = {}): Promise<Response> {
    return this.#repeat(path, call, async (response) => response);
  }

  /** The same, tried once: for streams, which decide by themselves when to try again. */
  once(path: string, call: Call = {}): Promise<Response> {
    return this.#attempt(path, call, async (response) => response);
  }

  /** Sends what somebody else asks for, once, and gives back whatever is answered. No time limit but the signal's. */
  forward(path: string, init: ForwardedCall): Promise<Response> {
    return this.#fetch(this.baseURL + path, { ...init, headers: { ...init.headers, ...this.#headers } });
  }

  async #repeat<Answer>(path: string, call: Call, read: Read<Answer>): Promise<Answer> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.#attempt(path, call, read);
      } catch (error) {
        if (!(error instanceof APIError)) throw error;
        // An earlier try has deleted it, and its answer got lost.
        if (failures > 1 && call.method === 'DELETE' && error.status === 404) return undefined as Answer;
        if (failures > this.#maxRetries || !error.retryable) throw error;
        await sleep(retryDelay(error, failures), call.signal);
      }
    }
  }

  async #attempt<Answer>(path: string, call: Call, read: Read<Answer>): Promise<Answer> {
    const late = new AbortController();
    const seconds = this.#requestTimeout + (call.wait ?? 0);
    const timer = setTimeout(
      () => late.abort(new Error(`it did not answer within ${seconds} s`)),
      timerOf(seconds),
    );
    const signal = call.signal ? AbortSignal.any([call.signal, late.signal]) : late.signal;
    try {
      const response = await this.#send(path, call, signal);
      if (response.ok || response.status === call.alsoAnswer) return await read(response);
      throw errorOfResponse(response, await response.text(), call.jobId ?? null);
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof APIError) throw error;
      throw this.unreachable(late.signal.aborted ? late.signal.reason : error, call.jobId);
    } finally {
      clearTimeout(timer);
    }
  }

  async #send(path: string, call: Call, signal: AbortSignal): Promise<Response> {
    const { method = 'GET', json, form } = call;
    // Encoding does not keep these in their place.
    const [, id] = /\/(\.{0,2})(\/|$)/.exec(path) ?? [];
    if (id !== undefined) {
      throw invalid('id', `Invalid id '${id}': expected one that the server gave, as job_….`);
    }
    const body = form ?? (json === undefined ? undefined : JSON.stringify(json));
    return await this.#fetch(this.baseURL + path + queryOf(call.query), {
      method,
      headers: {
        ...(json !== undefined && { 'Content-Type': 'application/json' }),
        ...this.#headers,
        ...call.headers,
      },
      ...(body !== undefined && { body }),
      signal,
    });
  }

  /** The error for a connection that failed, or broke off. */
  unreachable(cause: unknown, jobId: string | null = null): APIConnectionError {
    const message = `Could not reach Sluice at ${this.baseURL}: ${reasonOf(cause)}.`;
    return new APIConnectionError(message, { retryable: true, cause, jobId });
  }
}

type Read<Answer> = (response: Response) => Promise<Answer>;

/** Milliseconds until a request is repeated: as its answer asks, else by the backoff. */
export function retryDelay({ retryAfter }: APIError, failures: number): number {
  return Math.max(1000 * Math.min(retryAfter ?? 0, LONGEST_RETRY_AFTER), backoff(failures));
}

function readBaseURL(given: string | undefined): string {
  const text = given ?? environmentVariable('SLUICE_BASE_URL');
  if (text === undefined) {
    throw new APIError(
      'No server is known: give baseURL, or set SLUICE_BASE_URL (http://127.0.0.1:4000 after `npx sluice serve`). ' +
        'Without a server, use sluice/local.',
    );
  }
  const { location } = globalThis as { location?: { href?: string } };
  const url = URL.canParse(text, location?.href) ? new URL(text, location?.href) : null;
  if (!url?.protocol.startsWith('http')) {
    throw invalid('baseURL', `Invalid baseURL '${text}': expected a URL, as http://127.0.0.1:4000.`);
  }
  if (url.username || url.password) {
    // `fetch` takes none either; and what was given would be in every error.
    const message = 'it has a user or a password. A server takes a key: give apiKey, or set SLUICE_API_KEY.';
    throw invalid('baseURL', `Invalid baseURL: ${message}`);
  }
  return text.replace(/\/+$/, '').replace(/\/v1$/, '');
}

function invalid(param: string, message: string): BadRequestError {
  return new BadRequestError(message, { status: 400, code: 'invalid_value', param });
}

function queryOf(query: Call['query'] = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value != null) given.set(name, String(value));
  return given.size === 0 ? '' : `?${given}`;
}

/** What undici hides in `cause`, else the message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ('code' in cause ? String(cause.code) : error.message);
}
