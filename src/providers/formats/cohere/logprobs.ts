import type { TokenLogprob } from '../../../core/completion.ts';

interface Item {
  readonly text?: unknown;
  readonly logprobs?: unknown;
}

/** Cohere's log probabilities in OpenAI's shape. A stretch of several tokens is one, with their joint probability. */
export function logprobsOf(value: unknown): TokenLogprob[] | undefined {
  const items = (Array.isArray(value) ? value : [value]) as (Item | null | undefined)[];
  const tokens = items.flatMap((item) => {
    const { text, logprobs } = item ?? {};
    if (typeof text !== 'string' || !Array.isArray(logprobs)) return [];
    const joint = logprobs.reduce((sum: number, one: unknown) => sum + Number(one), 0);
    return [{ token: text, logprob: joint, bytes: [...Buffer.from(text)], top_logprobs: [] }];
  });
  return tokens.length > 0 ? tokens : undefined;
}
