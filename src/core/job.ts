import type { Completion, CompletionRequest, FinishReason, Usage } from './completion.ts';
import { type Cost, type TotalCost, totalCost } from './cost.ts';
import type { Digest } from './digest.ts';
import type { EmbeddingList, EmbeddingRequest } from './embedding.ts';
import type { ErrorBody } from './errors.ts';
import type { CompletionIdentity } from './fold.ts';
import { publicId } from './job-id.ts';
import type { Fields } from './json.ts';
import { unixSeconds } from './unix-time.ts';

const TERMINAL_STATUSES = ['completed', 'failed', 'cancelled', 'expired'] as const;
/** How a job can end. */
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

/** Where a job stands. The last four are terminal: a job reaches exactly one of them, once. */
export const JOB_STATUSES = ['queued', 'in_progress', ...TERMINAL_STATUSES] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Whether it is one in which a job stays. */
export function isTerminal(status: JobStatus): status is TerminalStatus {
  return (TERMINAL_STATUSES as readonly JobStatus[]).includes(status);
}

/**
 * What became of one attempt. `lost`: its worker died or was taken over. `handed_over`: its worker shut
 * down and gave the job back. Only `failed` ones count against `num_retries`.
 */
export const ATTEMPT_STATUSES = ['in_progress', ...TERMINAL_STATUSES, 'lost', 'handed_over'] as const;
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

/** How an attempt ended. */
export interface AttemptEnding {
  readonly status: AttemptStatus;
  readonly error: ErrorBody | null;
  /** Null if nothing was billed, or nobody could tell. */
  readonly usage: Usage | null;
  /** Null if it is unknown. */
  readonly cost: Cost | null;
}

/** One upstream call. Times in unix milliseconds here; surfaces write seconds. */
export interface Attempt extends AttemptEnding {
  readonly epoch: number;
  readonly provider: string;
  readonly model: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

/** What a submission asks for. Never changes once the job is accepted. */
export interface JobSpec {
  readonly id: string;
  /** The endpoint whose request this is, and so the surface that writes its answer. */
  readonly url: string;
  readonly model: string;
  /** The model group, and so the queue, that serves it. */
  readonly group: string;
  readonly request: JobRequest;
  /** What of the client's own request its surface needs to write the answer; null for nothing. */
  readonly echo: Fields | null;
  /** Kept for `stored_ttl` after it has settled, beyond Redis. */
  readonly stored: boolean;
  readonly customId: string | null;
  readonly metadata: Record<string, string> | null;
  /** The batch of which this is a line; its id tells which one. Null for a job of its own. */
  readonly batchId: string | null;
  /** Where to tell of its end, besides the registered endpoints; null for nowhere. */
  readonly webhook: string | null;
  /** 0 goes first; up to 2097151. */
  readonly priority: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Unix milliseconds: not started before. */
  readonly notBefore: number;
  /** Unix milliseconds: the job expires if it has not settled by then. */
  readonly deadline: number;
}

/** A job as its record has it, without its request. Times in unix milliseconds. */
export interface Job extends Omit<JobSpec, 'request' | 'echo'> {
  readonly status: JobStatus;
  readonly epoch: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly attempts: readonly Attempt[];
  readonly usage: Usage | null;
  readonly finishReason: FinishReason | null;
  readonly error: ErrorBody | null;
  readonly digest: Digest | null;
  readonly cancelRequested: boolean;
  /** The offset of the terminal entry, once there is one. */
  readonly end: string | null;
}

/** What a job was asked, in canonical terms. */
export type JobRequest = CompletionRequest | EmbeddingRequest;

/** What came of it. */
export type JobResult = Completion | EmbeddingList;

/** Whether vectors are wanted, and no completion: those have messages. */
export function isEmbeddingRequest(request: JobRequest): request is EmbeddingRequest {
  return !('messages' in request);
}

/** What a job was asked and has answered: the parts of its record that may be large. */
export interface JobContent extends JobAnswer {
  readonly request: JobRequest;
}

/** The same of a job that was asked for a completion. */
export interface CompletionContent extends JobContent {
  readonly request: CompletionRequest;
  readonly result: Completion | null;
}

/** The content of a job that was asked for a completion; null for embeddings, and for a job that is gone. */
export function completionContent(content: JobContent): CompletionContent | null {
  const { request, echo } = content;
  return isEmbeddingRequest(request) ? null : { request, result: completionIn(content), echo };
}

/** What a surface writes the answer of a job from. */
export interface JobAnswer {
  /** Whole or partial; null while the job runs, or if it left nothing. */
  readonly result: JobResult | null;
  readonly echo: Fields | null;
}

/** The completion of an answer, if it is one. */
export function completionIn({ result }: Pick<JobAnswer, 'result'>): Completion | null {
  return result !== null && 'choices' in result ? result : null;
}

/** The vectors of an answer, if it has such. */
export function embeddingsIn({ result }: Pick<JobAnswer, 'result'>): EmbeddingList | null {
  return result !== null && 'vectors' in result ? result : null;
}

/** What all attempts of a settled job cost; null before it has settled, or if that of any is unknown. */
export function costOf(job: Pick<Job, 'status' | 'attempts'>): TotalCost | null {
  return isTerminal(job.status) ? totalCost(job.attempts.map(({ cost }) => cost)) : null;
}

/** How a job ended: the payload of its log's terminal entry. */
export interface Outcome {
  readonly status: TerminalStatus;
  readonly usage: Usage | null;
  readonly finish_reason: FinishReason | null;
  readonly error: ErrorBody | null;
  readonly digest: Digest;
  /** Unix seconds. */
  readonly finished_at: number;
}

/** What settling writes: the outcome and, where there is any, the (perhaps partial) result. */
export interface Settlement {
  readonly outcome: Omit<Outcome, 'finished_at'>;
  readonly result: JobResult | null;
}

/** What the completion of a job is called: its id in OpenAI's form, its time in unix seconds, its model. */
export function identityOf(job: Pick<JobSpec, 'id' | 'createdAt' | 'model'>): CompletionIdentity {
  return { id: publicId('chatcmpl-', job.id), created: unixSeconds(job.createdAt), model: job.model };
}
