import type { FinishReason } from '../../../core/completion.ts';
import { type Fields, fieldsOf } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { ContentReader } from './content-reader.ts';
import { usageOf } from './usage.ts';

/** Words that nobody knows are `stop`. */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['guardrail_intervened', 'content_filter'],
  ['content_filtered', 'content_filter'],
  ['refusal', 'content_filter'],
]);

/**
 * Reads the answers of Bedrock's Converse, as events
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html) or whole.
 */
export class ConverseReader implements AnswerReader {
  readonly #answer: Answer;
  readonly #content: ContentReader;
  /** The end that has been told; it waits for what a guardrail says of the answer, which comes behind it. */
  #stopReason: string | null = null;

  constructor(answer: Answer) {
    this.#answer = answer;
    this.#content = new ContentReader(answer);
  }

  get complete(): boolean {
    return this.#stopReason !== null;
  }

  onMessage(payload: Fields, event: string | null): void {
    const { contentBlockIndex: index } = payload;
    if (event === 'messageStart') this.#answer.start(0);
    else if (event === 'contentBlockStart') this.#content.begin(index, fieldsOf(payload.start));
    else if (event === 'contentBlockDelta') this.#content.add(index, fieldsOf(payload.delta));
    else if (event === 'contentBlockStop') this.#content.end(index);
    else if (event === 'messageStop') this.#onStop(payload);
    else if (event === 'metadata') this.#onMetadata(payload);
  }

  onWhole(whole: Fields): void {
    const message = fieldsOf(fieldsOf(whole.output).message);
    if (!Array.isArray(message.content)) return;
    this.#answer.start(0);
    this.#content.readWhole(message.content);
    this.#onStop(whole);
    this.#onMetadata(whole);
  }

  onEnd(): void {
    this.#finish({});
  }

  #onStop({ stopReason, additionalModelResponseFields: fields }: Fields): void {
    this.#content.close();
    const said = fieldsOf(fields);
    if (Object.keys(said).length > 0)
      this.#answer.providerSpecific(0, { additionalModelResponseFields: said });
    if (typeof stopReason === 'string') this.#stopReason ??= stopReason;
  }

  #onMetadata({ usage, trace }: Fields): void {
    const counted = usageOf(fieldsOf(usage));
    if (counted !== null) this.#answer.usage(counted);
    this.#finish(fieldsOf(trace));
  }

  #finish(trace: Fields): void {
    const native = this.#stopReason;
    if (native === null || this.#answer.isFinished(0)) return;
    if (Object.keys(trace).length > 0) this.#answer.providerSpecific(0, { trace });
    this.#answer.finish(0, this.#reasonOf(native), native);
    this.#answer.done = true;
  }

  #reasonOf(native: string): FinishReason {
    const reason = REASONS.get(native) ?? 'stop';
    const called = this.#answer.hasToolCalls(0);
    // The call of the tool that stands for a schema is the answer; and some models do not say that they call.
    if (reason === 'tool_calls' && !called) return 'stop';
    return reason === 'stop' && called ? 'tool_calls' : reason;
  }
}
