import type { ErrorBody } from './errors.ts';

/** Where a batch stands, in OpenAI's words. `failed`: its input was not valid, and no line was run. */
export const BATCH_STATUSES = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const;
export type BatchStatus = (typeof BATCH_STATUSES)[number];

const ENDED: ReadonlySet<BatchStatus> = new Set(['failed', 'completed', 'expired', 'cancelled']);

/** Whether it is a status in which a batch stays. */
export function hasEnded(status: BatchStatus): boolean {
  return ENDED.has(status);
}

/** Whose API the batch was made through: it says how its results are written. */
export const BATCH_KINDS = ['openai', 'anthropic'] as const;
export type BatchKind = (typeof BATCH_KINDS)[number];

/** What a submission asks for. Never changes. Times in unix milliseconds. */
export interface BatchSpec {
  readonly id: string;
  readonly kind: BatchKind;
  /** The endpoint whose requests the lines are, as `/v1/chat/completions`. */
  readonly endpoint: string;
  readonly inputFileId: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Seconds that the files with its results are kept; null: as long as results are kept. */
  readonly outputExpiresAfter: number | null;
  /** Lines whose requests are byte-identical are computed once. */
  readonly dedupe: boolean;
  /** The batch whose unfinished lines this one runs again. */
  readonly retryOf: string | null;
  /** Where to tell of its end, besides the registered endpoints. */
  readonly webhook: string | null;
  /** How many lines it has, where that was known at its submission. */
  readonly lines?: number;
  readonly createdAt: number;
  /** What has not been run by then expires. */
  readonly expiresAt: number;
}

/** Lines by what became of them. What is in none of the others waits or runs. */
export interface LineCounts {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly expired: number;
}

/** Tokens of all finished lines. */
export interface BatchUsage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** What is wrong with a batch's input: `line` counts from 1, and is null for what is wrong with the file. */
export interface InputError {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  readonly line: number | null;
}

/** A batch as its record has it. Times in unix milliseconds; null: not yet, or never. */
export interface Batch extends BatchSpec {
  readonly status: BatchStatus;
  /** The one that all lines ask for; null before validation, and where they differ. */
  readonly model: string | null;
  readonly errors: readonly InputError[];
  readonly counts: LineCounts;
  readonly usage: BatchUsage;
  /** US dollars of all finished lines whose cost is known. */
  readonly cost: number;
  /** Finished lines of which nobody knows the cost. */
  readonly unpriced: number;
  readonly outputFileId: string | null;
  readonly errorFileId: string | null;
  /** When each of the later statuses began. */
  readonly since: Readonly<Partial<Record<BatchStatus, number>>>;
}

/** How one line ended. */
export const LINE_STATUSES = ['completed', 'failed', 'cancelled', 'expired'] as const;
export type LineStatus = (typeof LINE_STATUSES)[number];

/** One finished line, as a batch keeps it: the record of its job, or why it never became one. */
export interface LineResult {
  /** Counts from 1. */
  readonly line: number;
  readonly customId: string;
  readonly status: LineStatus;
  /** The record of its job, field by field, as Redis had it; null where it never became one. */
  readonly record: Readonly<Record<string, string>> | null;
  /** Why it never became a job, with the HTTP status that the same request would have got; else null. */
  readonly refusal: { readonly status: number; readonly error: ErrorBody } | null;
}
