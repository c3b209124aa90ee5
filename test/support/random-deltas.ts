import type { TokenLogprob, Usage } from '../../src/core/completion.ts';
import type { Delta, ToolCallDelta } from '../../src/core/delta.ts';

type Random = () => number;

const PIECES = [
  'a',
  'word ',
  'zwei Wörter',
  '\n',
  '\r\n\r\n',
  '"',
  '\\',
  '✓',
  '👩‍👩‍👧',
  '\u0000',
  '\u2028',
  '{"type":"text"}',
  'data: x\n\n',
];
const FINISHES = ['stop', 'length', 'tool_calls', 'content_filter'] as const;

/** The deltas of one attempt as a provider may yield them: every choice begins once, and may end. */
export function randomDeltas(random: Random): Delta[] {
  const choices = random() < 0.7 ? 1 : 1 + below(random, 3);
  const deltas: Delta[] = Array.from({ length: choices }, (_, choice) => start(random, choice));
  const calls = new Map<string, number>();
  for (let left = below(random, 30); left > 0; left -= 1) {
    deltas.push(body(random, below(random, choices), calls));
  }
  for (let choice = 0; choice < choices; choice += 1) {
    if (random() < 0.8) deltas.push({ type: 'finish', choice, reason: pick(random, FINISHES) });
  }
  if (random() < 0.5) deltas.push({ type: 'usage', usage: usage(random) });
  return deltas;
}

function start(random: Random, choice: number): Delta {
  return {
    type: 'start',
    choice,
    ...(random() < 0.3 && { system_fingerprint: 'fp_1' }),
    ...(random() < 0.2 && { service_tier: 'default' }),
  };
}

function body(random: Random, choice: number, calls: Map<string, number>): Delta {
  const text = Array.from({ length: 1 + below(random, 4) }, () => pick(random, PIECES)).join('');
  const kind = random();
  if (kind < 0.6) {
    return { type: 'text', choice, text, ...(random() < 0.2 && { logprobs: [logprob(random, text)] }) };
  }
  if (kind < 0.66) return { type: 'reasoning', choice, text };
  if (kind < 0.68)
    return { type: 'thinking_block', choice, block: { type: 'redacted_thinking', data: text } };
  if (kind < 0.7) return { type: 'annotation', choice, annotation: { type: 'page_location', title: text } };
  if (kind < 0.75) return { type: 'refusal', choice, text };
  return kind < 0.95 ? toolCall(random, choice, text, calls) : { type: 'usage', usage: usage(random) };
}

/** The next fragment of a call, or the first of one more. */
function toolCall(random: Random, choice: number, text: string, calls: Map<string, number>): ToolCallDelta {
  const known = calls.get(`${choice}`) ?? 0;
  const call = below(random, known + 1);
  if (call < known) return { type: 'tool_call', choice, call, arguments: text };
  calls.set(`${choice}`, known + 1);
  return {
    type: 'tool_call',
    choice,
    call,
    id: `call_${choice}_${call}`,
    name: 'look',
    ...(random() < 0.5 && { arguments: text }),
  };
}

function logprob(random: Random, token: string): TokenLogprob {
  return { token, logprob: -random(), bytes: [...Buffer.from(token)], top_logprobs: [] };
}

function usage(random: Random): Usage {
  const [prompt_tokens, completion_tokens] = [below(random, 100), below(random, 100)];
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function pick<T>(random: Random, items: readonly [T, ...T[]] | readonly T[]): T {
  return items[below(random, items.length)] as T;
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
