import { APIError, LostDeltaError } from '../errors.ts';
import { EventFollower } from '../http/event-follower.ts';
import { newIdempotencyKey } from '../http/idempotency.ts';
import { type Page, PagePromise } from '../http/pages.ts';
import type { Transport } from '../http/transport.ts';
import type { SubmitOptions } from '../jobs/jobs.ts';
import { jsonValue } from '../json-value.ts';
import type { BatchEvent, BatchInput, BatchLine, BatchObject, BatchProgress } from './batch-types.ts';
import type { Files } from './files.ts';

/** What to run as a batch. */
export interface BatchRequest {
  input_file_id: string;
  /** Default: `/v1/chat/completions`. */
  endpoint?: string | undefined;
  metadata?: Record<string, string> | null | undefined;
  /** Lines with the same body are computed once. */
  dedupe?: boolean | null | undefined;
  /** Told of its end. */
  webhook?: string | null | undefined;
}

/** How to follow a batch. */
export interface BatchStreamOptions {
  /** How many finished lines are known already. */
  readonly after?: number | undefined;
  /** With the result of each line. */
  readonly results?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How to run lines as a batch. There is no idempotency key: each run uploads a file of its own, which makes another request. To
 * go on with a batch after a restart, keep its id, and `follow` it.
 */
export interface RunOptions extends Omit<BatchRequest, 'input_file_id'> {
  readonly signal?: AbortSignal | undefined;
  /** Told of the batch once it is accepted: with its id it can be found again. */
  readonly onBatch?: ((batch: BatchObject) => void) | undefined;
  /** Told about once a second. */
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
  /** Told of each line as it finishes, with its result, whatever the order. */
  readonly onLine?: ((line: BatchLine) => void) | undefined;
}

/** A batch that has ended, and its lines. */
export interface BatchRun {
  readonly batch: BatchObject;
  /** In the order of the input, those that did not complete included. */
  readonly lines: readonly BatchLine[];
}

const DEFAULT_ENDPOINT = '/v1/chat/completions';
/** The id of the last event of a batch's stream. */
const END = 'end';

/** `client.batches`: many requests as one submission, `/v1/batches`. */
export class Batches {
  readonly #transport: Transport;
  readonly #files: Files;

  constructor(transport: Transport, files: Files) {
    this.#transport = transport;
    this.#files = files;
  }

  create(request: BatchRequest, options: SubmitOptions = {}): Promise<BatchObject> {
    return this.#post('/v1/batches', options, {
      endpoint: DEFAULT_ENDPOINT,
      completion_window: '24h',
      ...request,
    });
  }

  retrieve(id: string): Promise<BatchObject> {
    return this.#transport.json(pathOf(id));
  }

  /** Newest first. `await` gives a page, `for await` all of them. */
  list(options: { limit?: number; after?: string } = {}): PagePromise<BatchObject> {
    const { after: first, ...query } = options;
    return new PagePromise<BatchObject>(
      (after) => this.#transport.json<Page<BatchObject>>('/v1/batches', { query: { ...query, after } }),
      first,
    );
  }

  cancel(id: string): Promise<BatchObject> {
    return this.#transport.json(`${pathOf(id)}/cancel`, { method: 'POST' });
  }

  /** A batch of the lines that were not completed. */
  retry(id: string, options: SubmitOptions = {}): Promise<BatchObject> {
    return this.#post(`${pathOf(id)}/retry`, options, undefined);
  }

  /** Finished lines, progress and end, whatever happens to the connection. Ends behind the end. */
  async *stream(id: string, options: BatchStreamOptions = {}): AsyncGenerator<BatchEvent, void, undefined> {
    let known = options.after ?? 0;
    const follower = new EventFollower(this.#transport, {
      path: `${pathOf(id)}/events`,
      ...(options.results && { query: { 'include[]': 'result' } }),
      lastId: () => String(known),
      signal: options.signal,
      jobId: null,
    });
    for await (const event of follower.events()) {
      const data = jsonValue(event.data);
      if (data === undefined) throw lostLine(id, known);
      if (event.event === 'progress') yield { type: 'progress', progress: data as BatchProgress };
      else if (event.id === END) {
        yield { type: 'end', batch: data as BatchObject };
        return;
      } else if (event.event === 'line') {
        const offset = Number(event.id);
        if (offset <= known) continue;
        if (offset !== known + 1) throw lostLine(id, known);
        known = offset;
        yield { type: 'line', offset, line: data as BatchLine };
      }
    }
  }

  /**
   * Runs requests as one batch, and waits for its end: uploads them, follows them, and gives the results in their order.
   * What has been accepted goes on when this is aborted; `onBatch` has told of its id.
   *
   * @throws {APIError} when the input is not valid; its message has the first mistake, with its line.
   */
  async run(
    lines: Iterable<BatchInput> | AsyncIterable<BatchInput>,
    options: RunOptions = {},
  ): Promise<BatchRun> {
    const { onBatch, onProgress, onLine, signal, ...request } = options;
    const input = await writeInput(lines, request.endpoint ?? DEFAULT_ENDPOINT);
    const file = await this.#files.create(input, { filename: 'batch.jsonl', purpose: 'batch', signal });
    const accepted = await this.create({ ...request, input_file_id: file.id }, { signal });
    onBatch?.(accepted);
    return this.follow(accepted.id, { onProgress, onLine, signal });
  }

  /** The second half of {@link run}, for a batch that is there already. */
  async follow(
    id: string,
    options: Pick<RunOptions, 'onProgress' | 'onLine' | 'signal'> = {},
  ): Promise<BatchRun> {
    const lines: BatchLine[] = [];
    for await (const event of this.stream(id, { results: true, signal: options.signal })) {
      if (event.type === 'progress') options.onProgress?.(event.progress);
      else if (event.type === 'line') {
        lines.push(event.line);
        options.onLine?.(event.line);
      } else {
        refuseFailed(event.batch);
        return { batch: event.batch, lines: lines.sort((a, b) => a.line - b.line) };
      }
    }
    throw new APIError(`The events of ${id} ended without an end.`, { retryable: true });
  }

  #post(path: string, options: SubmitOptions, json: unknown): Promise<BatchObject> {
    const { idempotencyKey = newIdempotencyKey(), signal } = options;
    const headers = { 'Idempotency-Key': idempotencyKey };
    return this.#transport.json(path, { method: 'POST', json, headers, signal });
  }
}

/** As a file: a line each, numbered where it has no id of its own. */
async function writeInput(
  lines: Iterable<BatchInput> | AsyncIterable<BatchInput>,
  url: string,
): Promise<Blob> {
  const parts: string[] = [];
  for await (const line of lines) {
    const { custom_id = `line-${parts.length + 1}`, body = line } = line;
    parts.push(`${JSON.stringify({ custom_id, method: 'POST', url, body })}\n`);
  }
  return new Blob(parts, { type: 'application/jsonl' });
}

/** @throws {APIError} for a batch whose input was not valid: none of its lines has run. */
export function refuseFailed(batch: BatchObject): void {
  if (batch.status !== 'failed') return;
  const [first] = batch.errors?.data ?? [];
  const place = first?.line == null ? '' : ` (line ${first.line})`;
  const { message = 'its input is not valid', code = null, param = null } = first ?? {};
  throw new APIError(`The batch ${batch.id} failed: ${message}${place}`, { status: 400, code, param });
}

function lostLine(id: string, known: number): LostDeltaError {
  const message = `A finished line of ${id} after its first ${known} was lost on its way. Its files have it.`;
  return new LostDeltaError(message, { code: 'lost_line', retryable: true });
}

function pathOf(id: string): string {
  return `/v1/batches/${encodeURIComponent(id)}`;
}
