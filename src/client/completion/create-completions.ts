import { unlessAborted } from '../http/waiting.ts';
import type { ChatCompletion } from '../types.ts';
import { CallLog } from './call-log.ts';
import type {
  CompletionOptions,
  CompletionParams,
  StreamingParams,
  WholeParams,
} from './completion-options.ts';
import { CompletionStream } from './completion-stream.ts';
import type { RequestBody, Run, StartRun } from './run.ts';

/** LiteLLM's `completion()`: with `stream: true` the chunks, else a promise of the whole answer. */
export interface CompletionFunction {
  (params: StreamingParams): CompletionStream;
  (params: WholeParams): Promise<ChatCompletion>;
  (params: CompletionParams): CompletionStream | Promise<ChatCompletion>;
}

/** LiteLLM's `acompletion()`: a promise of the chunks, or of the whole answer. */
export interface AsyncCompletionFunction {
  (params: StreamingParams): Promise<CompletionStream>;
  (params: WholeParams): Promise<ChatCompletion>;
  (params: CompletionParams): Promise<CompletionStream | ChatCompletion>;
}

/** LiteLLM's two functions. */
export interface Completions {
  readonly completion: CompletionFunction;
  readonly acompletion: AsyncCompletionFunction;
}

/** The functions, over whatever carries out requests. */
export function createCompletions(start: StartRun): Completions {
  function begin(params: CompletionParams): { run: Run; log: CallLog; body: RequestBody } {
    const { body, options } = splitParams(params);
    const run = start(body, options);
    const log = new CallLog(options, body);
    // Who reads hears of it; who never does must not be ended by it.
    run.accepted.catch(() => {});
    return { run, log, body };
  }

  function stream(params: CompletionParams): { run: Run; stream: CompletionStream } {
    const { run, log, body } = begin(params);
    const { include_usage } = (body.stream_options ?? {}) as { include_usage?: boolean };
    return { run, stream: new CompletionStream(run, log, include_usage === true) };
  }

  async function whole(params: CompletionParams): Promise<ChatCompletion> {
    const { run, log } = begin(params);
    try {
      const answer = await run.whole();
      await log.end(run, answer, null);
      return answer;
    } catch (error) {
      await log.end(run, null, error);
      throw error;
    }
  }

  async function accepted(params: CompletionParams): Promise<CompletionStream> {
    const { run, stream: chunks } = stream(params);
    // To read it fails likewise, tells the logger, and leaves the job.
    await unlessAborted(run.accepted, params.signal).catch(() => chunks.finalCompletion());
    return chunks;
  }

  return {
    completion: ((params) =>
      params.stream === true ? stream(params).stream : whole(params)) as CompletionFunction,
    acompletion: ((params) =>
      params.stream === true ? accepted(params) : whole(params)) as AsyncCompletionFunction,
  };
}

/** The request apart from how to carry it out. */
function splitParams(params: CompletionParams): { body: RequestBody; options: CompletionOptions } {
  const {
    extra_body,
    logger_fn,
    timeout,
    signal,
    onDisconnect,
    onAttempt,
    idempotencyKey,
    baseURL,
    apiKey,
    ...body
  } = params;
  const options = { logger_fn, timeout, signal, onDisconnect, onAttempt, idempotencyKey, baseURL, apiKey };
  return { body: { ...body, ...extra_body }, options };
}
