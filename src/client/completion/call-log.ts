import type { ChatCompletion } from '../types.ts';
import type { CompletionOptions } from './completion-options.ts';
import { type LoggedCall, tell } from './logged-call.ts';
import type { RequestBody, Run } from './run.ts';

/** Tells the `logger_fn` of one call of its beginning and its end. */
export class CallLog {
  readonly #options: CompletionOptions;
  readonly #before: LoggedCall;

  /** The call begins. */
  constructor(options: CompletionOptions, { model, messages, ...optional_params }: RequestBody) {
    this.#options = options;
    this.#before = {
      log_event_type: 'pre_api_call',
      model,
      messages,
      optional_params,
      start_time: new Date(),
      end_time: null,
      attempt: 0,
      usage: null,
      cost: null,
      response: null,
      error: null,
      job_id: null,
    };
    tell(options.logger_fn, this.#before);
  }

  /** The call is over. Never rejects. */
  async end(run: Run, response: ChatCompletion | null, failure: unknown): Promise<void> {
    const { logger_fn, signal } = this.#options;
    if (logger_fn === undefined) return;
    const end_time = new Date();
    const error = failure === null || failure instanceof Error ? failure : new Error(String(failure));
    const told = run.report().then((report) =>
      tell(logger_fn, {
        ...this.#before,
        log_event_type: 'post_api_call',
        end_time,
        ...report,
        usage: report.usage ?? response?.usage ?? null,
        response,
        error,
      }),
    );
    // Who has left does not wait until it is known what that was.
    if (!signal?.aborted) await told;
  }
}
