import type { ChatCompletion } from '../types.ts';
import { type LoggedCall, tell } from './logged-call.ts';
import type { RequestBody, Run } from './run.ts';

type Logger = ((call: LoggedCall) => unknown) | undefined;

/** Tells the `logger_fn` of one call of its beginning and its end. */
export class CallLog {
  readonly #logger: Logger;
  readonly #before: LoggedCall;

  /** The call begins. */
  constructor(logger: Logger, { model, messages, ...optional_params }: RequestBody) {
    this.#logger = logger;
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
    tell(logger, this.#before);
  }

  /** The call is over. Never rejects. */
  async end(run: Run, response: ChatCompletion | null, failure: unknown): Promise<void> {
    if (this.#logger === undefined) return;
    const end_time = new Date();
    const error = failure === null || failure instanceof Error ? failure : new Error(String(failure));
    const report = await run.report();
    tell(this.#logger, {
      ...this.#before,
      log_event_type: 'post_api_call',
      end_time,
      ...report,
      usage: report.usage ?? response?.usage ?? null,
      response,
      error,
    });
  }
}
