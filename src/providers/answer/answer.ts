import type { Annotation, FinishReason, ThinkingBlock, TokenLogprob, Usage } from '../../core/completion.ts';
import type { Delta, StartDelta } from '../../core/delta.ts';
import { SluiceError } from '../../core/errors.ts';
import { type ToolCallFragment, ToolCalls } from './tool-calls.ts';

interface ChoiceState {
  finished: boolean;
  calls: ToolCalls | null;
}

/** What a provider says of itself once, at the start of a choice. */
export type Said = Omit<StartDelta, 'type' | 'choice'>;

/**
 * What an upstream answer amounts to so far. Formats say what they read, in any order; here it becomes deltas
 * as `Provider.stream` promises them: `start` first and `finish` once for every choice, usage last, a failure
 * behind all that came before it, and an end without a finish is a truncation.
 */
export class Answer {
  /** What has not been taken yet; the reader empties it. */
  readonly deltas: Delta[] = [];
  readonly provider: string;
  /** True once the format's own terminator has been seen: nothing of interest follows. */
  done = false;
  readonly #choices = new Map<number, ChoiceState>();
  #failure: SluiceError | null = null;
  #open = 0;
  #usage: Usage | null = null;
  #closed = false;

  constructor(provider: string) {
    this.provider = provider;
  }

  /** Set once, when the answer turned out to be broken; it is thrown after `deltas`. */
  get failure(): SluiceError | null {
    return this.#failure;
  }

  /** True while every choice that began has ended: what may still come is usage. */
  get complete(): boolean {
    return this.#open === 0 && this.#choices.size > 0;
  }

  /** Whether this choice has begun. */
  has(choice: number): boolean {
    return this.#choices.has(choice);
  }

  /** The choices that have begun and not ended. */
  get openChoices(): number[] {
    return [...this.#choices].filter(([, { finished }]) => !finished).map(([choice]) => choice);
  }

  /** True once any choice has begun. */
  get begun(): boolean {
    return this.#choices.size > 0;
  }

  /** Begins a choice, unless it has begun. Everything else that names a choice begins it too. */
  start(choice: number, said?: Said): void {
    if (!this.#choices.has(choice)) this.#start(choice, said);
  }

  text(choice: number, text: string, logprobs?: readonly TokenLogprob[]): void {
    this.start(choice);
    if (logprobs !== undefined && logprobs.length > 0) {
      this.deltas.push({ type: 'text', choice, text, logprobs });
    } else if (text !== '') {
      this.deltas.push({ type: 'text', choice, text });
    }
  }

  /** `isSummary`: the provider shows what it says of the reasoning, not the reasoning itself. */
  reasoning(choice: number, text: string, isSummary = false): void {
    this.start(choice);
    if (text === '') return;
    this.deltas.push(
      isSummary ? { type: 'reasoning', choice, text, summary: true } : { type: 'reasoning', choice, text },
    );
  }

  refusal(choice: number, text: string): void {
    this.start(choice);
    if (text !== '') this.deltas.push({ type: 'refusal', choice, text });
  }

  /** A stretch of reasoning that must go back in the next turn; its text has been said by `reasoning`. */
  thinkingBlock(choice: number, block: ThinkingBlock): void {
    this.start(choice);
    this.deltas.push({ type: 'thinking_block', choice, block });
  }

  annotation(choice: number, annotation: Annotation): void {
    this.start(choice);
    this.deltas.push({ type: 'annotation', choice, annotation });
  }

  /** A whole tool call or a part of one; {@link ToolCalls} tells which. */
  toolCall(choice: number, fragment: ToolCallFragment): void {
    const state = this.#choices.get(choice) ?? this.#start(choice);
    state.calls ??= new ToolCalls(choice);
    state.calls.push(fragment, this.deltas);
  }

  /** Whether the choice has called a tool. */
  hasToolCalls(choice: number): boolean {
    return (this.#choices.get(choice)?.calls?.count ?? 0) > 0;
  }

  /** What else the provider says of its answer, under its own names. */
  providerSpecific(choice: number, fields: Readonly<Record<string, unknown>>): void {
    this.start(choice);
    this.deltas.push({ type: 'provider_specific', choice, fields });
  }

  /** Ends a choice; only the first time counts. `native` is the provider's own word for it. */
  finish(choice: number, reason: FinishReason, native?: string): void {
    const state = this.#choices.get(choice) ?? this.#start(choice);
    if (state.finished) return;
    state.finished = true;
    this.#open -= 1;
    state.calls?.close(this.deltas);
    const own = native !== undefined && native !== reason && { native };
    this.deltas.push({ type: 'finish', choice, reason, ...own });
  }

  isFinished(choice: number): boolean {
    return this.#choices.get(choice)?.finished === true;
  }

  /** Token counts so far. Providers repeat them, cumulatively: the last ones count, and are yielded at the end. */
  usage(usage: Usage): void {
    this.#usage = {
      ...usage,
      prompt_tokens: possible(usage.prompt_tokens),
      completion_tokens: possible(usage.completion_tokens),
      total_tokens: possible(usage.total_tokens),
    };
  }

  /** Breaks the answer off; only the first time counts. */
  fail(error: SluiceError): void {
    if (this.#failure !== null) return;
    this.#yieldUsage();
    this.#failure = error;
  }

  /** Breaks the answer off because it is not what the provider sends: `sent an event that is not JSON: …`. */
  invalid(what: string): void {
    this.fail(new SluiceError('upstream_invalid_response', `${this.provider} ${what}`));
  }

  /** The upstream has ended: the answer is whole now, or it never will be. */
  end(): void {
    if (this.#failure !== null) return;
    if (this.complete) {
      this.#yieldUsage();
      return;
    }
    const where = this.begun ? 'in the middle of its answer' : 'before its answer began';
    this.fail(new SluiceError('upstream_truncated', `${this.provider} ended the stream ${where}.`));
  }

  #start(choice: number, said?: Said): ChoiceState {
    if (!Number.isInteger(choice) || choice < 0) throw new RangeError(`No choice has the index ${choice}.`);
    const state = { finished: false, calls: null };
    this.#choices.set(choice, state);
    this.#open += 1;
    this.deltas.push({ type: 'start', choice, ...said });
    return state;
  }

  #yieldUsage(): void {
    if (this.#usage === null || this.#closed) return;
    this.#closed = true;
    this.deltas.push({ type: 'usage', usage: this.#usage });
  }
}

/** A count that can be added up and paid for: servers send -1 for what they do not know. */
function possible(count: number): number {
  return Math.min(Math.max(count, 0), Number.MAX_SAFE_INTEGER);
}
