import type { FinishReason } from '../../../core/completion.ts';
import type { SluiceError } from '../../../core/errors.ts';
import { type Fields, fieldsOf, objectsIn, textIn } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';
import { errorFromPayload } from '../../errors/upstream-error.ts';
import { fieldsToKeep } from './kept.ts';
import { Output } from './output.ts';
import { usageOf } from './usage.ts';

/** Reads a response of OpenAI's, streamed or whole, as the one choice of a chat completion. */
export class ResponsesReader implements AnswerReader {
  readonly #answer: Answer;
  readonly #output: Output;
  readonly #done: Fields[] = [];

  constructor(answer: Answer) {
    this.#answer = answer;
    this.#output = new Output(answer);
  }

  onMessage(event: Fields): void {
    const { delta, content_index: part, summary_index: paragraph } = event;
    const output = this.#output;
    switch (event.type) {
      case 'response.output_text.delta':
        output.text(output.at(event), part, textIn(delta), event.logprobs);
        break;
      case 'response.function_call_arguments.delta':
        output.arguments(output.at(event), textIn(delta));
        break;
      case 'response.reasoning_summary_text.delta':
        output.reasoning(output.at(event), 'summary', paragraph, textIn(delta));
        break;
      case 'response.reasoning_text.delta':
        output.reasoning(output.at(event), 'text', part, textIn(delta));
        break;
      case 'response.refusal.delta':
        output.refusal(output.at(event), textIn(delta));
        break;
      case 'response.output_text.annotation.added':
        output.annotation(output.at(event), part, event.annotation);
        break;
      default:
        this.#onStep(event);
    }
  }

  onWhole(response: Fields): void {
    if (Array.isArray(response.output)) this.#onEnd(response);
  }

  /** A whole response that failed has its usage beside the error. */
  onError(response: Fields): void {
    this.#readUsage(response);
  }

  #onStep(event: Fields): void {
    switch (event.type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        this.#start(fieldsOf(event.response));
        break;
      case 'response.output_item.added':
        this.#onItem(event);
        break;
      case 'response.output_item.done':
        this.#done.push(fieldsOf(event.item));
        this.#output.finish(this.#output.at(event), fieldsOf(event.item));
        break;
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        // Servers of others leave the status out, which the type has already said.
        this.#onEnd({ status: event.type.slice('response.'.length), ...fieldsOf(event.response) });
        this.#answer.done = true;
        break;
      case 'error':
        this.#answer.fail(errorFromPayload(this.#answer.provider, event));
    }
  }

  /** The tier is what was asked for until the response ends, unless it was left to OpenAI. */
  #start({ service_tier: tier }: Fields): void {
    const told = typeof tier === 'string' && tier !== 'auto';
    this.#answer.start(0, told ? { service_tier: tier } : {});
  }

  #onItem(event: Fields): void {
    const item = this.#output.at(event);
    const { type, ...fields } = fieldsOf(event.item);
    if (type === 'function_call') this.#output.call(item, fields);
  }

  #onEnd(response: Fields): void {
    this.#readUsage(response);
    const failure = this.#failureOf(response);
    if (failure !== null) {
      this.#answer.fail(failure);
      return;
    }
    this.#start(response);
    const output = objectsIn(response.output);
    if (this.#output.isEmpty) {
      for (const [index, item] of output.entries()) {
        this.#output.finish(this.#output.at({ output_index: index }), item);
      }
    }
    const kept = fieldsToKeep(output.length > 0 ? output : this.#done);
    if (Object.keys(kept).length > 0) this.#answer.providerSpecific(0, kept);
    this.#finish(response);
  }

  #failureOf({ status, error }: Fields): SluiceError | null {
    if (status !== 'failed') return null;
    const unknown = { message: 'the response failed, and no reason was given' };
    return errorFromPayload(this.#answer.provider, { error: error ?? unknown });
  }

  /** One that was cancelled, or only queued, has no end. */
  #finish({ status, incomplete_details: details }: Fields): void {
    if (status === 'incomplete') {
      const native = textIn(fieldsOf(details).reason) || 'incomplete';
      this.#answer.finish(0, native === 'content_filter' ? native : 'length', native);
    } else if (status === 'completed') {
      const reason: FinishReason = this.#answer.hasToolCalls(0) ? 'tool_calls' : 'stop';
      this.#answer.finish(0, reason);
    }
  }

  #readUsage(response: Fields): void {
    const usage = usageOf(response.usage);
    if (usage !== null) this.#answer.usage(usage);
  }
}
