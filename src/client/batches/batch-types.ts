import type { Usage } from '../../core/completion.ts';
import type { ChatRequest, CostObject } from '../types.ts';

/** Where a batch stands, in OpenAI's words. */
export type BatchStatus =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled';

/** Lines by what became of them. `failed` has all that did not complete. */
export interface RequestCounts {
  total: number;
  completed: number;
  failed: number;
  cancelled: number;
  expired: number;
}

/** A batch, as the server shows it. Times in unix seconds. */
export interface BatchObject {
  id: string;
  object: 'batch';
  endpoint: string;
  model: string | null;
  status: BatchStatus;
  errors: {
    object: 'list';
    data: { code: string; message: string; param: string | null; line: number | null }[];
  } | null;
  input_file_id: string;
  output_file_id: string | null;
  error_file_id: string | null;
  created_at: number;
  expires_at: number | null;
  request_counts: RequestCounts;
  /** `unpriced`: finished lines whose cost nobody knows. */
  cost: { usd: number; unpriced: number };
  metadata: Record<string, string> | null;
  dedupe: boolean;
  retry_of: string | null;
}

/** How a batch comes along. */
export interface BatchProgress {
  status: BatchStatus;
  request_counts: RequestCounts;
  /** Of the last half minute; null: nobody can tell yet. */
  lines_per_second: number | null;
  /** Seconds to go; null: nobody can tell yet. */
  eta: number | null;
  /** Seconds since the first line was begun. */
  elapsed: number | null;
  cost: { usd: number; unpriced: number };
}

/** A finished line, as a batch's events tell of it. */
export interface BatchLine {
  /** Its number in the input, from 1. */
  line: number;
  custom_id: string;
  status: 'completed' | 'failed' | 'cancelled' | 'expired';
  job_id: string | null;
  usage: Usage | null;
  cost: CostObject | null;
  /** As in the output file; where it was asked for. */
  result?: BatchResult;
}

/** A line of the output or the error file. */
export interface BatchResult {
  id: string;
  custom_id: string;
  response: { status_code: number; request_id: string; body: Record<string, unknown> } | null;
  error: { code: string; message: string } | null;
}

/** A line to run: a request body, or a whole line of a batch's input. */
export type BatchInput =
  | (ChatRequest & { custom_id?: undefined; body?: undefined })
  | { custom_id?: string; body: Readonly<Record<string, unknown>> };

/** One event of a batch's stream. */
export type BatchEvent =
  | { readonly type: 'line'; readonly offset: number; readonly line: BatchLine }
  | { readonly type: 'progress'; readonly progress: BatchProgress }
  | { readonly type: 'end'; readonly batch: BatchObject };
