import type { Usage } from '../../core/completion.ts';
import type { APIError } from '../errors.ts';
import type { ChatCompletion, CostObject } from '../types.ts';

/** What `logger_fn` is told of a call, once before and once after it. The first names are LiteLLM's. */
export interface LoggedCall {
  readonly log_event_type: 'pre_api_call' | 'post_api_call';
  readonly model: string;
  readonly messages: readonly unknown[];
  /** All other fields of the request. */
  readonly optional_params: Readonly<Record<string, unknown>>;
  readonly start_time: Date;
  /** Null before the call. */
  readonly end_time: Date | null;
  /** How many attempts it took; 0 before the call. */
  readonly attempt: number;
  /** Null before the call, and where nobody can tell. */
  readonly usage: Usage | null;
  /** Of all attempts. Null before the call, and where nobody can tell. */
  readonly cost: CostObject | null;
  /** Null before the call, and where the whole was not wanted or has not come. */
  readonly response: ChatCompletion | null;
  /** Why it failed; null before the call, and where it did not. */
  readonly error: APIError | Error | null;
  /** Null before the call, and without a server. */
  readonly job_id: string | null;
}

/** What is known of a call once it is over. */
export type CallReport = Pick<LoggedCall, 'attempt' | 'usage' | 'cost' | 'job_id'>;

/** Tells a logger. Whatever that does, the call goes on. */
export function tell(logger: ((call: LoggedCall) => unknown) | undefined, call: LoggedCall): void {
  try {
    // It may well be an async function.
    Promise.resolve(logger?.(call)).catch(() => {});
  } catch {
    // A logger's fault is not the call's.
  }
}
