import { fieldsOrNull } from '../../core/json.ts';
import { ORIGIN, parseOffset } from '../../core/offset.ts';
import type { IncomingEvent } from '../../core/sse.ts';
import { errorOfJob } from '../error-of.ts';
import { AttemptInterruptedError, BadRequestError, LostDeltaError } from '../errors.ts';
import { EventFollower } from '../http/event-follower.ts';
import type { Transport } from '../http/transport.ts';
import { jsonValue } from '../json-value.ts';
import type { AttemptEvent, ChatCompletionChunk, JobOutcome, RetryEvent } from '../types.ts';
import { jobPath } from './job-path.ts';
import { resultOf, waitForJob } from './job-result.ts';
import { LogCursor, type LogEvent, type Verdict } from './log-cursor.ts';

/** How to follow a job. */
export interface StreamOptions {
  /** The offset to go on behind. Default: from the first delta. */
  readonly after?: string | undefined;
  /**
   * The content of the attempt that `after` is in, up to there: with it, the digest at the end covers the whole attempt,
   * without it only what follows the next attempt boundary.
   */
  readonly content?: string | undefined;
  /**
   * An attempt begins: discard the text of the one before. Without this, an attempt that follows upon text ends the
   * stream with an {@link AttemptInterruptedError}, because text of two attempts must not be taken for one.
   */
  readonly onAttempt?: ((attempt: AttemptEvent) => void) | undefined;
  /** An attempt failed, or was handed over; the next one follows. */
  readonly onRetry?: ((retry: RetryEvent) => void) | undefined;
  /** The server has answered, and events follow as soon as there are any: at first, and after each reconnection. */
  readonly onOpen?: (() => void) | undefined;
  /** Ends the stream, and nothing else: the job goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** One delta of a job's log. */
export interface JobDelta {
  /** Its place, `<epoch>-<seq>`: what to give as `after` to go on behind it. */
  readonly offset: string;
  /** The number of its attempt, from 1. */
  readonly epoch: number;
  /** What it adds to the content of the first choice; often nothing. */
  readonly text: string;
  readonly chunk: ChatCompletionChunk;
}

const ENDS: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'expired']);
/** How often the log is read again where an event is missing, before that is given up. */
const REREADS = 3;

/**
 * The deltas of a job, each once, in order: `for await (const { text } of job.stream())`. Connections come and go
 * unseen. Ends when the job has completed.
 *
 * @throws {JobFailedError} or another one of its family when the job did not complete, after its last delta.
 * @throws {AttemptInterruptedError} at an attempt boundary after text, unless there is `onAttempt`.
 * @throws {LostDeltaError} when the deltas do not add up to the digest of the log's end.
 */
export class JobStream implements AsyncIterable<JobDelta> {
  readonly jobId: string;
  readonly #transport: Transport;
  readonly #options: StreamOptions;
  readonly #cursor: LogCursor;
  #outcome: JobOutcome | null = null;
  #begun = false;
  #rereads = 0;

  constructor(transport: Transport, jobId: string, options: StreamOptions = {}) {
    this.jobId = jobId;
    this.#transport = transport;
    this.#options = options;
    const { after, content } = options;
    const place = after === undefined ? ORIGIN : parseOffset(after);
    if (place === null) {
      const message = `Invalid offset '${after}': expected '<epoch>-<seq>', as 1-42.`;
      throw new BadRequestError(message, { status: 400, code: 'invalid_offset', param: 'after', jobId });
    }
    this.#cursor = new LogCursor(place, content);
    this.#begun = place.seq > 0;
  }

  /** Of the last event that was read; null: none was. */
  get offset(): string | null {
    return this.#cursor.offset;
  }

  /** How the job ended; null until then, and where the stream began behind the end. */
  get outcome(): JobOutcome | null {
    return this.#outcome;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<JobDelta, void, undefined> {
    const { jobId } = this;
    const follower = new EventFollower(this.#transport, {
      path: `${jobPath(jobId)}/events`,
      lastId: () => this.#cursor.offset ?? undefined,
      onOpen: this.#options.onOpen,
      signal: this.#options.signal,
      jobId,
    });
    for await (const event of follower.events()) {
      const log = this.#place(event);
      if (log === null) follower.reconnect();
      if (log === null || log.verdict === 'known') continue;
      const delta = this.#take(log.place, log.data);
      if (delta !== null) yield delta;
      if (this.#outcome !== null) return this.#end(this.#outcome);
    }
    // Nothing follows upon the place where this began.
    await this.#endLong();
  }

  /** Where an event belongs; null: something is missing, before it or of it, and has to be read again. */
  #place(event: IncomingEvent): { place: LogEvent; verdict: Verdict; data: object } | null {
    const offset = parseOffset(event.id ?? '');
    const data = fieldsOrNull(jsonValue(event.data));
    const place = offset &&
      data && { name: event.event ?? '', offset, rebuilt: data.replayed_from === 'result' };
    const verdict = place === null ? 'gap' : this.#cursor.judge(place);
    if (place && data && verdict !== 'gap') {
      if (verdict === 'next') this.#rereads = 0;
      return { place, verdict, data };
    }
    this.#rereads += 1;
    if (this.#rereads > REREADS) throw this.#lost(`after ${this.#cursor.offset ?? 'its beginning'}`);
    return null;
  }

  #take(place: LogEvent, data: object): JobDelta | null {
    const { name } = place;
    const chunk = name === 'delta' ? (data as ChatCompletionChunk) : null;
    this.#cursor.take(place, chunk);
    if (name === 'attempt') this.#attempt(data as AttemptEvent);
    if (name === 'retry') this.#options.onRetry?.(data as RetryEvent);
    if (ENDS.has(name)) this.#outcome = data as JobOutcome;
    if (chunk === null) return null;
    // That choices begin is nothing to be discarded: the next attempt begins them likewise.
    if (chunk.choices.every(({ delta }) => delta.role === undefined)) this.#begun = true;
    const { epoch, seq } = place.offset;
    return { offset: `${epoch}-${seq}`, epoch, text: textOf(chunk), chunk };
  }

  #attempt(attempt: AttemptEvent): void {
    const { onAttempt } = this.#options;
    if (onAttempt === undefined && this.#begun) {
      const message =
        `Attempt ${attempt.epoch} of ${this.jobId} begins anew, after text of another. The job goes on: ` +
        'give onAttempt to discard that text, or ask for its result.';
      const code = 'attempt_interrupted';
      throw new AttemptInterruptedError(message, { code, status: 502, jobId: this.jobId });
    }
    this.#begun = false;
    onAttempt?.(attempt);
  }

  #end(outcome: JobOutcome): void {
    if (!this.#cursor.matches(outcome)) throw this.#lost('by the digest of its end');
    if (outcome.status !== 'completed') throw errorOfJob(outcome.status, outcome.error, this.jobId);
  }

  async #endLong(): Promise<void> {
    const { signal } = this.#options;
    resultOf(await waitForJob<unknown>(this.#transport, this.jobId, { signal }));
  }

  #lost(where: string): LostDeltaError {
    const message = `A delta of ${this.jobId} was lost on its way, ${where}. Its result is whole: ask for that.`;
    return new LostDeltaError(message, { code: 'lost_delta', jobId: this.jobId, retryable: true });
  }
}

function textOf({ choices }: ChatCompletionChunk): string {
  return choices.find(({ index }) => index === 0)?.delta.content ?? '';
}
