import { NotFoundError } from '../client/errors.ts';
import { newIdempotencyKey } from '../client/http/idempotency.ts';
import type { Sluice } from '../client/sluice.ts';
import type { ChatMessage, ChatRequest } from '../client/types.ts';
import { hasEnded, IDLE, type JobState } from './job-state.ts';
import { JobStore } from './job-store.ts';
import { type CompletionBody, kept, type Question } from './kept.ts';
import { Store } from './store.ts';

/** The job of a completion, as far as it has come. */
export interface CompletionState extends JobState {
  /** Null before it was accepted. */
  readonly jobId: string | null;
}

/** What is asked besides the messages. Fields that are not listed go to the server as they are. */
export type CompletionRequest = Omit<ChatRequest, 'messages'> & Readonly<Record<string, unknown>>;

const NONE: CompletionState = { ...IDLE, jobId: null };

/** One completion after the other, each as a job, of which it shows the last. */
export class CompletionStore extends Store<CompletionState> {
  readonly #client: () => Sluice;
  readonly #key: string | null;
  #job: JobStore | null = null;
  #leave: (() => void) | null = null;
  /** The submission that counts: the last one. */
  #submitting: { stopped: boolean } | null = null;

  /** `key`: the name under which a page finds its job again after a refresh. */
  constructor(client: () => Sluice, key?: string | undefined) {
    super(NONE);
    this.#client = client;
    this.#key = key ?? null;
  }

  /**
   * Submits a job and follows it. One that is under way is cancelled. Resolves with the job's id once it was accepted, and
   * with null when it was not, or is not wanted any more; `error` then says why. Never rejects.
   */
  complete(prompt: string | readonly ChatMessage[], request: CompletionRequest): Promise<string | null> {
    this.#abandon();
    const messages = typeof prompt === 'string' ? [{ role: 'user' as const, content: prompt }] : prompt;
    return this.#submit({ ...request, messages }, newIdempotencyKey());
  }

  /** Cancels the job. @throws {APIError} where that did not reach the server; the job goes on. */
  readonly stop = async (): Promise<void> => {
    if (this.#job !== null) await this.#job.cancel();
    else if (this.#submitting !== null) this.#submitting.stopped = true;
  };

  protected override wake(): void {
    if (this.#job !== null) this.#follow(this.#job);
    else if (this.#submitting === null && this.#key !== null) this.#goOn(kept.question(this.#key));
  }

  protected override rest(): void {
    this.#leave?.();
    this.#leave = null;
  }

  /** Where the page before a refresh was. */
  #goOn(question: Question | null): void {
    if (question === null) return;
    if ('jobId' in question) this.#follow(new JobStore(this.#client, question.jobId));
    else void this.#submit(question.request, question.idempotencyKey);
  }

  async #submit(request: CompletionBody, idempotencyKey: string): Promise<string | null> {
    const submission = { stopped: false };
    this.#submitting = submission;
    this.#keep({ request, idempotencyKey });
    this.show({ ...NONE, status: 'connecting' });
    try {
      const { id } = await this.#client().jobs.submit({ body: request }, { idempotencyKey });
      if (this.#submitting !== submission) {
        this.#cancelUnseen(id);
        return null;
      }
      this.#submitting = null;
      this.#keep({ jobId: id });
      this.#follow(new JobStore(this.#client, id, 'queued'));
      if (submission.stopped) this.#cancelUnseen(id);
      return id;
    } catch (thrown) {
      if (this.#submitting !== submission) return null;
      this.#submitting = null;
      this.#forget();
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      this.show({ ...NONE, status: 'failed', error });
      return null;
    }
  }

  #follow(job: JobStore): void {
    this.#job = job;
    const show = (): void => {
      const state = { ...job.snapshot(), jobId: job.jobId };
      this.show(state);
      if (hasEnded(state.status) || state.error instanceof NotFoundError) this.#forget();
    };
    if (this.runs) this.#leave = job.subscribe(show);
    show();
  }

  #keep(question: Question): void {
    if (this.#key !== null) kept.keepQuestion(this.#key, question);
  }

  #forget(): void {
    if (this.#key !== null) kept.dropQuestion(this.#key);
  }

  #abandon(): void {
    const job = this.#job;
    this.#job = null;
    this.#leave?.();
    this.#leave = null;
    if (job !== null && !hasEnded(job.snapshot().status)) this.#cancelUnseen(job.jobId);
  }

  /** Nobody waits for its answer any more. Where this fails, the job comes to its own end. */
  #cancelUnseen(jobId: string): void {
    this.#client()
      .jobs.cancel(jobId)
      .catch(() => {})
      .finally(() => kept.dropPlace(jobId));
  }
}
