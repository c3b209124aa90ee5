import type { FinishReason, TokenLogprob } from '../../../core/completion.ts';
import { countIn } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import type { AnswerReader } from '../../answer/answer-decoder.ts';

/** One line of an answer, or a whole one, as far as a server can be trusted. */
interface Line {
  readonly message?: {
    readonly content?: unknown;
    readonly thinking?: unknown;
    readonly tool_calls?: unknown;
  } | null;
  readonly done?: unknown;
  readonly done_reason?: unknown;
  readonly prompt_eval_count?: unknown;
  readonly eval_count?: unknown;
  readonly logprobs?: unknown;
}

interface ToolCall {
  readonly id?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown } | null;
}

/** Reads Ollama's chat: a JSON object a line, the last with `done`. There is one choice only. */
export class OllamaReader implements AnswerReader {
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  onMessage(line: Line): void {
    const answer = this.#answer;
    const { message } = line;
    if (typeof message === 'object' && message !== null) {
      answer.start(0);
      if (typeof message.thinking === 'string') answer.reasoning(0, message.thinking);
      const { content } = message;
      const tokens = logprobsOf(line.logprobs);
      if (typeof content === 'string') answer.text(0, content, tokens);
      // Calls come whole. Their index is not used: it counts from 0 again in every line of some versions.
      for (const call of (Array.isArray(message.tool_calls) ? message.tool_calls : []) as ToolCall[]) {
        if (call?.function) answer.toolCall(0, { id: call.id, ...whole(call.function) });
      }
    }
    if (line.done === true) this.#onDone(line);
  }

  #onDone(line: Line): void {
    const answer = this.#answer;
    const { done_reason: native } = line;
    const told = typeof native === 'string' && native !== '' ? native : undefined;
    answer.finish(0, this.#reason(told), told);
    const prompt = countIn(line.prompt_eval_count);
    const completion = countIn(line.eval_count);
    if (prompt !== null || completion !== null) {
      // A prompt that was cached whole has no count.
      const counts = { prompt_tokens: prompt ?? 0, completion_tokens: completion ?? 0 };
      answer.usage({ ...counts, total_tokens: counts.prompt_tokens + counts.completion_tokens });
    }
    answer.done = true;
  }

  /** Besides `stop` and `length` there are `load` and `unload`, of requests that only did that. */
  #reason(native: string | undefined): FinishReason {
    if (native === 'length') return 'length';
    return this.#answer.hasToolCalls(0) ? 'tool_calls' : 'stop';
  }
}

function whole({ name, arguments: args }: NonNullable<ToolCall['function']>) {
  return { name, arguments: args ?? {} };
}

/** Ollama's log probabilities are OpenAI's, less what it leaves out. */
function logprobsOf(value: unknown): TokenLogprob[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return (value as Partial<TokenLogprob>[]).map(({ token = '', logprob = 0, bytes, top_logprobs: top }) => {
    const others = (top ?? []).map((one) => ({ ...one, bytes: one.bytes ?? null }));
    return { token, logprob, bytes: bytes ?? null, top_logprobs: others };
  });
}
