import { ERRORS } from '../core/errors.ts';
import { Transport, type TransportOptions } from './http/transport.ts';

/** How requests of a browser get to Sluice. */
export interface RelayOptions extends Pick<TransportOptions, 'baseURL' | 'apiKey' | 'headers' | 'fetch'> {
  /** The path that the relay is at, in the app's own server. Default: `/api/sluice`. */
  readonly prefix?: string | undefined;
  /**
   * Whether to hand a request on: a Response refuses it, and is the answer. It gets a copy, whose body may be read. With
   * `everybody`, all who reach the app may ask any model, and whoever knows a job's id may read that job and cancel it.
   */
  readonly authorize: ((request: Request) => Refusal | Promise<Refusal>) | 'everybody';
}

type Refusal = Response | null | undefined;

/** What a browser may ask for, and how. */
const PATHS: readonly (readonly [path: RegExp, method: 'GET' | 'POST'])[] = [
  [/^\/v1\/jobs$/, 'POST'],
  [/^\/v1\/jobs\/\w+$/, 'GET'],
  [/^\/v1\/jobs\/\w+\/events$/, 'GET'],
  [/^\/v1\/jobs\/\w+\/cancel$/, 'POST'],
];
const REQUEST_HEADERS = ['accept', 'content-type', 'idempotency-key', 'last-event-id', 'prefer'];
const ANSWER_HEADERS = [
  'cache-control',
  'content-type',
  'idempotent-replayed',
  'preference-applied',
  'retry-after',
  'retry-after-ms',
  'x-accel-buffering',
  'x-request-id',
  'x-should-retry',
  'x-sluice-job-id',
];

/**
 * Hands on what browsers ask of Sluice, with the key that they must not have: submit a job, look at it, follow it, cancel
 * it, and nothing else. From Request to Response, so that it is a route handler in Next.js, Hono, Deno and Bun. Bodies go
 * through as they come, both ways; when the browser leaves, so does the request to Sluice. The browser's own cookies and
 * Authorization stay here.
 *
 * Its first request throws an {@link APIError} when no server is named, here or by `SLUICE_BASE_URL`.
 */
export function createRelay(options: RelayOptions): (request: Request) => Promise<Response> {
  const { prefix: at = '/api/sluice', authorize } = options;
  const prefix = at.replace(/\/+$/, '');
  // With the first request: builds import routes where no server is named yet.
  let transport: Transport | undefined;
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    const path = pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : '';
    const known = PATHS.find(([pattern]) => pattern.test(path));
    if (known === undefined)
      return refuse('unknown_url', `Unknown request URL: ${request.method} ${pathname}.`);
    const [, method] = known;
    if (request.method !== method) {
      const message = `${request.method} is not allowed on ${pathname}; use ${method}.`;
      return refuse('method_not_allowed', message, { Allow: method });
    }
    transport ??= new Transport(options);
    const refusal = authorize === 'everybody' ? null : await authorize(request.clone() as Request);
    if (refusal) return refusal;
    try {
      const { status, headers, body } = await transport.forward(path + search, {
        method,
        headers: pick(request.headers, REQUEST_HEADERS),
        ...(request.body !== null && { body: request.body, duplex: 'half' }),
        signal: request.signal,
      });
      const handedOn = body && untilGone(body, request.signal);
      return new Response(handedOn, { status, headers: pick(headers, ANSWER_HEADERS) });
    } catch {
      // The reason may name what a browser has no business to know.
      return refuse('upstream_unreachable', 'Sluice cannot be reached right now.');
    }
  };
}

/** The same bytes, which just end when the browser has left: servers log what breaks off, and that is no failure. */
function untilGone(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        if (!signal.aborted) throw error;
        controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function pick(headers: Headers, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

function refuse(
  code: 'unknown_url' | 'method_not_allowed' | 'upstream_unreachable',
  message: string,
  headers: Record<string, string> = {},
): Response {
  const { status, type } = ERRORS[code];
  return Response.json({ error: { message, type, param: null, code } }, { status, headers });
}
