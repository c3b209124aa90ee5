import type { FinishReason } from '../../../core/completion.ts';
import { type Fields, isFields } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { errorFromPayload } from '../../errors/upstream-error.ts';
import { ContentReader } from './content-reader.ts';
import { mergeCounts, usageOf } from './usage.ts';

/**
 * Words that nobody knows are `stop`, and so is `pause_turn`: the turn may be continued by sending it back.
 */
const REASONS: ReadonlyMap<unknown, FinishReason> = new Map<unknown, FinishReason>([
  ['tool_use', 'tool_calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['compaction', 'length'],
  ['refusal', 'content_filter'],
]);

/** Fields of an answer's end that OpenAI has no place for. */
const SPECIFIC = ['stop_sequence', 'stop_details', 'container', 'context_management'];

/**
 * Reads Anthropic's messages, as events (https://platform.claude.com/docs/en/build-with-claude/streaming) or
 * whole. It needs no framing: `onMessage` takes the events of anybody who has them.
 */
export class AnthropicReader implements AnswerReader {
  readonly #answer: Answer;
  readonly #content: ContentReader;
  #counts: Fields = {};

  constructor(answer: Answer) {
    this.#answer = answer;
    this.#content = new ContentReader(answer);
  }

  onMessage(event: Fields): void {
    const { type, index } = event;
    if (type === 'message_start') {
      if (isFields(event.message)) this.#onStart(event.message);
    } else if (type === 'content_block_start') {
      if (isFields(event.content_block)) this.#content.begin(index, event.content_block);
    } else if (type === 'content_block_delta') {
      if (isFields(event.delta)) this.#content.add(index, event.delta);
    } else if (type === 'content_block_stop') {
      this.#content.end(index);
    } else if (type === 'message_delta') {
      this.#onDelta(event);
    } else if (type === 'message_stop') {
      this.#onStop();
    } else if (type === 'error') {
      this.#answer.fail(errorFromPayload(this.#answer.provider, event));
    }
    // Others, `ping` among them, say nothing, and new ones may come at any time.
  }

  onWhole(message: Fields): void {
    if (!Array.isArray(message.content)) return;
    this.#onStart(message);
    this.#end(message, message.stop_reason);
  }

  /** Some servers fill the content in here. */
  #onStart({ content, usage, diagnostics }: Fields): void {
    this.#answer.start(0);
    this.#count(usage);
    if (isFields(diagnostics)) this.#answer.providerSpecific(0, { diagnostics });
    for (const [index, block] of (Array.isArray(content) ? content : []).entries()) {
      if (!isFields(block)) continue;
      // Numbers of its own, since those of later blocks may begin at 0 again.
      this.#content.begin(-1 - index, block);
      this.#content.end(-1 - index);
    }
  }

  #onDelta({ delta, usage, context_management }: Fields): void {
    this.#count(usage);
    if (!isFields(delta)) return;
    if (delta.stop_reason) this.#end({ context_management, ...delta }, delta.stop_reason);
  }

  #onStop(): void {
    if (this.#answer.has(0) && !this.#answer.isFinished(0)) {
      // Servers that only speak like Anthropic leave out the reason.
      this.#end({}, this.#answer.hasToolCalls(0) ? 'tool_use' : 'end_turn');
    }
    this.#answer.done = true;
  }

  #count(usage: unknown): void {
    this.#counts = mergeCounts(this.#counts, usage);
    const counted = usageOf(this.#counts);
    if (counted !== null) this.#answer.usage(counted);
  }

  #end(last: Fields, native: unknown): void {
    if (this.#answer.isFinished(0)) return;
    this.#content.close();
    const told = SPECIFIC.filter((name) => last[name] !== null && last[name] !== undefined);
    const { kept } = this.#content;
    const specific = {
      ...Object.fromEntries(told.map((name) => [name, last[name]])),
      ...(kept.length > 0 && { content_blocks: kept }),
    };
    if (Object.keys(specific).length > 0) this.#answer.providerSpecific(0, specific);
    if (typeof native === 'string') this.#answer.finish(0, this.#reasonOf(native), native);
  }

  #reasonOf(native: string): FinishReason {
    // The call of the tool that stands for a schema is the answer.
    if (native === 'tool_use' && !this.#answer.hasToolCalls(0)) return 'stop';
    return REASONS.get(native) ?? 'stop';
  }
}
