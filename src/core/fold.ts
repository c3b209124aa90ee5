import type {
  Annotation,
  Completion,
  CompletionChoice,
  FinishReason,
  ThinkingBlock,
  TokenLogprob,
  ToolCall,
  Usage,
} from './completion.ts';
import type { Delta, ToolCallDelta } from './delta.ts';
import { SluiceError } from './errors.ts';
import { PartOrderBuilder } from './part-order.ts';

/** What a completion is made of besides its deltas. */
export interface CompletionIdentity {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
}

interface ChoiceParts {
  content: string[];
  reasoning: string[];
  /** The reasoning is a summary. */
  summary: boolean;
  refusal: string[];
  thinking: ThinkingBlock[];
  annotations: Annotation[];
  calls: Map<number, CallParts>;
  specific: Record<string, unknown>;
  logprobs: TokenLogprob[];
  readonly order: PartOrderBuilder;
  finish: FinishReason | null;
  native: string | undefined;
}

interface CallParts {
  id: string;
  name: string;
  arguments: string[];
  specific: Record<string, unknown>;
}

/**
 * Deltas in, completion out: the only accumulator. A whole answer, a partial one, a cancelled one and a
 * replayed one are all folds over the same deltas, so they cannot disagree.
 */
export class Fold {
  readonly #choices = new Map<number, ChoiceParts>();
  #usage: Usage | null = null;
  #fingerprint: string | undefined;
  #tier: string | undefined;

  add(delta: Delta): void {
    if (delta.type === 'usage') {
      // Providers repeat usage, cumulatively: the last one counts, a sum never does.
      this.#usage = delta.usage;
      return;
    }
    const parts = this.#choice(delta.choice);
    switch (delta.type) {
      case 'start':
        this.#fingerprint ??= delta.system_fingerprint;
        this.#tier ??= delta.service_tier;
        break;
      case 'text':
        parts.content.push(delta.text);
        parts.order.add('text', delta.text.length);
        if (delta.logprobs) parts.logprobs.push(...delta.logprobs);
        break;
      case 'reasoning':
        parts.reasoning.push(delta.text);
        parts.order.add('reasoning', delta.text.length);
        if (delta.summary) parts.summary = true;
        break;
      case 'refusal':
        parts.refusal.push(delta.text);
        parts.order.add('refusal', delta.text.length);
        break;
      case 'thinking_block':
        parts.thinking.push(delta.block);
        parts.order.add('thinking_block', 1);
        break;
      case 'annotation':
        parts.annotations.push(delta.annotation);
        parts.order.add('annotation', 1);
        break;
      case 'tool_call':
        addCall(parts, delta);
        break;
      case 'provider_specific':
        Object.assign(parts.specific, delta.fields);
        break;
      case 'finish':
        parts.finish = delta.reason;
        parts.native = delta.native;
    }
  }

  get usage(): Usage | null {
    return this.#usage;
  }

  /** The tier of service that the provider says it used. */
  get serviceTier(): string | null {
    return this.#tier ?? null;
  }

  /** The finish reason of the first choice; null while it is open. */
  get finishReason(): FinishReason | null {
    return this.#choices.get(0)?.finish ?? null;
  }

  /** True once every choice that began has ended, and at least one did. */
  get finished(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((parts) => parts.finish !== null);
  }

  /** @throws {SluiceError} `upstream_truncated` unless it is finished: for when its provider's stream has ended. */
  requireFinish(): void {
    if (this.finished) return;
    throw new SluiceError('upstream_truncated', 'The provider ended the stream without a finish reason.');
  }

  completion(identity: CompletionIdentity): Completion {
    const choices = [...this.#choices]
      .sort(([a], [b]) => a - b)
      .map(([index, parts]) => toChoice(index, parts));
    return {
      id: identity.id,
      object: 'chat.completion',
      created: identity.created,
      model: identity.model,
      choices: choices.length > 0 ? choices : [toChoice(0, emptyParts())],
      ...(this.#usage && { usage: this.#usage }),
      ...(this.#fingerprint !== undefined && { system_fingerprint: this.#fingerprint }),
      ...(this.#tier !== undefined && { service_tier: this.#tier }),
    };
  }

  #choice(index: number): ChoiceParts {
    const known = this.#choices.get(index);
    if (known) return known;
    const parts = emptyParts();
    this.#choices.set(index, parts);
    return parts;
  }
}

function addCall(parts: ChoiceParts, delta: ToolCallDelta): void {
  const known = parts.calls.get(delta.call);
  const call = known ?? { id: '', name: '', arguments: [], specific: {} };
  if (known === undefined) {
    parts.calls.set(delta.call, call);
    parts.order.add('tool_call', 1);
  }
  if (delta.id) call.id = delta.id;
  if (delta.name) call.name = delta.name;
  if (delta.arguments) call.arguments.push(delta.arguments);
  Object.assign(call.specific, delta.provider_specific_fields);
}

function emptyParts(): ChoiceParts {
  return {
    content: [],
    reasoning: [],
    summary: false,
    refusal: [],
    thinking: [],
    annotations: [],
    calls: new Map(),
    specific: {},
    logprobs: [],
    order: new PartOrderBuilder(),
    finish: null,
    native: undefined,
  };
}

function toChoice(index: number, parts: ChoiceParts): CompletionChoice {
  const calls: ToolCall[] = [...parts.calls]
    .sort(([a], [b]) => a - b)
    .map(([, call]) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments.join('') },
      ...(isFilled(call.specific) && { provider_specific_fields: call.specific }),
    }));
  const { unusual } = parts.order;
  const silent = parts.content.length === 0 && (calls.length > 0 || parts.refusal.length > 0);
  return {
    index,
    message: {
      role: 'assistant',
      content: silent ? null : parts.content.join(''),
      refusal: parts.refusal.length > 0 ? parts.refusal.join('') : null,
      ...(parts.reasoning.length > 0 && { reasoning_content: parts.reasoning.join('') }),
      ...(parts.summary && { reasoning_is_summary: true as const }),
      ...(parts.thinking.length > 0 && { thinking_blocks: parts.thinking }),
      ...(parts.annotations.length > 0 && { annotations: parts.annotations }),
      ...(calls.length > 0 && { tool_calls: calls }),
      ...(unusual && { part_order: unusual }),
      ...(isFilled(parts.specific) && { provider_specific_fields: parts.specific }),
    },
    logprobs: parts.logprobs.length > 0 ? { content: parts.logprobs, refusal: null } : null,
    finish_reason: parts.finish,
    ...(parts.native !== undefined && { native_finish_reason: parts.native }),
  };
}

function isFilled(fields: object): boolean {
  return Object.keys(fields).length > 0;
}
