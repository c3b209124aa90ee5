import type {
  Completion,
  CompletionChoice,
  FinishReason,
  TokenLogprob,
  ToolCall,
  Usage,
} from './completion.ts';
import type { Delta } from './delta.ts';

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
  refusal: string[];
  calls: Map<number, { id: string; name: string; arguments: string[] }>;
  logprobs: TokenLogprob[];
  finish: FinishReason | null;
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
        if (delta.logprobs) parts.logprobs.push(...delta.logprobs);
        break;
      case 'reasoning':
        parts.reasoning.push(delta.text);
        break;
      case 'refusal':
        parts.refusal.push(delta.text);
        break;
      case 'tool_call': {
        const call = parts.calls.get(delta.call) ?? { id: '', name: '', arguments: [] };
        parts.calls.set(delta.call, call);
        if (delta.id) call.id = delta.id;
        if (delta.name) call.name = delta.name;
        if (delta.arguments) call.arguments.push(delta.arguments);
        break;
      }
      case 'finish':
        parts.finish = delta.reason;
    }
  }

  get usage(): Usage | null {
    return this.#usage;
  }

  /** The finish reason of the first choice; null while it is open. */
  get finishReason(): FinishReason | null {
    return this.#choices.get(0)?.finish ?? null;
  }

  /** True once every choice that began has ended, and at least one did. */
  get finished(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((parts) => parts.finish !== null);
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

function emptyParts(): ChoiceParts {
  return { content: [], reasoning: [], refusal: [], calls: new Map(), logprobs: [], finish: null };
}

function toChoice(index: number, parts: ChoiceParts): CompletionChoice {
  const calls: ToolCall[] = [...parts.calls]
    .sort(([a], [b]) => a - b)
    .map(([, call]) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments.join('') },
    }));
  const silent = parts.content.length === 0 && (calls.length > 0 || parts.refusal.length > 0);
  return {
    index,
    message: {
      role: 'assistant',
      content: silent ? null : parts.content.join(''),
      refusal: parts.refusal.length > 0 ? parts.refusal.join('') : null,
      ...(parts.reasoning.length > 0 && { reasoning_content: parts.reasoning.join('') }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    logprobs: parts.logprobs.length > 0 ? { content: parts.logprobs } : null,
    finish_reason: parts.finish,
  };
}

/** The deltas that fold back into this completion: how the events of an expired log are rebuilt. */
export function unfold(completion: Completion): Delta[] {
  const deltas: Delta[] = [];
  for (const { index: choice, message, logprobs, finish_reason } of completion.choices) {
    deltas.push({
      type: 'start',
      choice,
      ...(completion.system_fingerprint !== undefined && {
        system_fingerprint: completion.system_fingerprint,
      }),
      ...(completion.service_tier !== undefined && { service_tier: completion.service_tier }),
    });
    if (message.reasoning_content)
      deltas.push({ type: 'reasoning', choice, text: message.reasoning_content });
    if (message.content) {
      deltas.push({
        type: 'text',
        choice,
        text: message.content,
        ...(logprobs && { logprobs: logprobs.content }),
      });
    }
    if (message.refusal) deltas.push({ type: 'refusal', choice, text: message.refusal });
    message.tool_calls?.forEach((call, index) => {
      const { name, arguments: args } = call.function;
      deltas.push({ type: 'tool_call', choice, call: index, id: call.id, name, arguments: args });
    });
    if (finish_reason) deltas.push({ type: 'finish', choice, reason: finish_reason });
  }
  if (completion.usage) deltas.push({ type: 'usage', usage: completion.usage });
  return deltas;
}
