import {
  APIError,
  JobCancelledError,
  JobExpiredError,
  JobFailedError,
  LostDeltaError,
} from '../client/errors.ts';
import type { JobStream } from '../client/jobs/job-stream.ts';
import type { Sluice } from '../client/sluice.ts';
import type { ChatCompletion, JobOutcome } from '../client/types.ts';
import { hasEnded, IDLE, type JobState } from './job-state.ts';
import { kept } from './kept.ts';
import { onNextFrame, onPageHide } from './page.ts';
import { Reading } from './reading.ts';
import { Store } from './store.ts';

/** Milliseconds between two times that the place is kept. */
const KEEP_EVERY = 500;

type Progress = Pick<JobState, 'status' | 'outcome' | 'error'>;

/**
 * Follows one job, and shows how far it is: at most once a frame, and its end at once. Goes on where it was left, by itself or
 * by the page before a refresh. That it stops is nothing to the job.
 */
export class JobStore extends Store<JobState> {
  readonly jobId: string;
  /** Not made before it is needed: on a server, a client of the page's own address cannot be. */
  readonly #client: () => Sluice;
  readonly #reading = new Reading();
  #progress: Progress;
  #stream: JobStream | null = null;
  #cleanups: (() => void)[] = [];
  #cancelFrame: (() => void) | null = null;
  #keepTimer: ReturnType<typeof setTimeout> | undefined;

  /** `status`: what is known of it. */
  constructor(client: () => Sluice, jobId: string, status: 'connecting' | 'queued' = 'connecting') {
    super({ ...IDLE, status });
    this.jobId = jobId;
    this.#client = client;
    this.#progress = { status, outcome: null, error: null };
  }

  /** Ends the job itself. Its end comes as those of all others do. */
  readonly cancel = async (): Promise<void> => {
    await this.#client().jobs.cancel(this.jobId);
  };

  protected override wake(): void {
    if (hasEnded(this.#progress.status)) return;
    const leaving = new AbortController();
    const hiding = onPageHide(() => this.#keep());
    this.#cleanups = [() => leaving.abort(), hiding];
    const place = this.#reading.place === null ? kept.place(this.jobId) : null;
    if (place !== null) {
      this.#reading.goOn(place);
      this.#change({});
    }
    void this.#run(leaving.signal);
  }

  protected override rest(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.#cancelFrame?.();
    this.#cancelFrame = null;
    if (!hasEnded(this.#progress.status)) this.#keep();
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      await this.#read(signal).catch((error: unknown) => {
        if (signal.aborted || this.#reading.place === null || !isMisplaced(error)) throw error;
        this.#reading.forget();
        return this.#read(signal);
      });
      const answer = this.#reading.whole ? null : await this.#fetchAnswer(signal);
      if (!signal.aborted) this.#end({ status: 'completed', outcome: this.#outcome, error: null }, answer);
    } catch (error) {
      if (!signal.aborted) this.#end(this.#progressOf(error));
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const place = this.#reading.place;
    const stream = this.#client().jobs.stream(this.jobId, {
      ...(place && { after: place.offset, content: place.content }),
      signal,
      onOpen: () => this.#change({ status: this.#reading.attempt === 0 ? 'queued' : 'streaming' }),
      onAttempt: ({ epoch }) => {
        // What had arrived before it was aborted still comes, and belongs to nobody.
        signal.throwIfAborted();
        this.#reading.begin(epoch);
        this.#change({ status: 'streaming' });
      },
      onRetry: () => this.#change({ status: 'queued' }),
    });
    this.#stream = stream;
    for await (const delta of stream) {
      signal.throwIfAborted();
      this.#reading.add(delta);
      this.#change({ status: 'streaming' });
      this.#keepTimer ??= setTimeout(() => this.#keep(), KEEP_EVERY);
    }
  }

  /** The whole answer, of a job that was not read as a whole; null where it speaks another format, or is out of reach. */
  async #fetchAnswer(signal: AbortSignal): Promise<ChatCompletion | null> {
    const answer = await this.#client()
      .jobs.result(this.jobId, { signal })
      .catch(() => null);
    return answer?.object === 'chat.completion' ? answer : null;
  }

  get #outcome(): JobOutcome | null {
    return this.#stream?.outcome ?? null;
  }

  #progressOf(thrown: unknown): Progress {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const outcome = this.#outcome;
    if (error instanceof JobCancelledError) return { status: 'cancelled', outcome, error: null };
    if (error instanceof JobFailedError) return { status: 'failed', outcome, error };
    if (error instanceof JobExpiredError) return { status: 'expired', outcome, error };
    return { status: 'disconnected', outcome: null, error };
  }

  #change(changes: Partial<Progress>): void {
    this.#progress = { ...this.#progress, ...changes };
    this.#cancelFrame ??= onNextFrame(() => {
      this.#cancelFrame = null;
      this.#show();
    });
  }

  #end(progress: Progress, answer: ChatCompletion | null = null): void {
    this.#cancelFrame?.();
    this.#cancelFrame = null;
    this.#progress = progress;
    this.#show(answer);
    if (hasEnded(progress.status)) {
      clearTimeout(this.#keepTimer);
      kept.dropPlace(this.jobId);
    }
  }

  #show(answer: ChatCompletion | null = null): void {
    const { attempt } = this.#reading;
    const text = answer?.choices[0]?.message.content ?? this.#reading.text;
    const completion = answer ?? this.#reading.completion();
    this.show({ ...this.#progress, text, attempt, completion });
  }

  #keep(): void {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
    const { place } = this.#reading;
    if (place !== null && !hasEnded(this.#progress.status)) kept.keepPlace(this.jobId, place);
  }
}

/** Whether the place may have been the fault, as one that a page has kept of another log. */
function isMisplaced(error: unknown): boolean {
  return error instanceof LostDeltaError || (error instanceof APIError && error.code === 'invalid_offset');
}
