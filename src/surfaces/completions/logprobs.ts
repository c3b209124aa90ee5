import type { TokenLogprob } from '../../core/completion.ts';

/** The chances of an answer's tokens as OpenAI's completions have them: lists of equal length, a place a token. */
export interface TextLogprobs {
  readonly tokens: readonly string[];
  readonly token_logprobs: readonly number[];
  /** The likeliest tokens at each place, and the one that was taken. */
  readonly top_logprobs: readonly Readonly<Record<string, number>>[];
  /** Where each token begins in the text, in characters (code points). */
  readonly text_offset: readonly number[];
}

/** `offset`: where the first token begins. */
export function toTextLogprobs(given: readonly TokenLogprob[], offset = 0): TextLogprobs {
  let at = offset;
  return {
    tokens: given.map(({ token }) => token),
    token_logprobs: given.map(({ logprob }) => logprob),
    top_logprobs: given.map(({ token, logprob, top_logprobs }) =>
      Object.fromEntries([...top_logprobs, { token, logprob }].map((each) => [each.token, each.logprob])),
    ),
    text_offset: given.map(({ token }) => {
      const start = at;
      at += charactersOf(token);
      return start;
    }),
  };
}

/** Where the token after these begins. */
export function offsetAfter(given: readonly TokenLogprob[], offset: number): number {
  return given.reduce((at, { token }) => at + charactersOf(token), offset);
}

function charactersOf(token: string): number {
  return [...token].length;
}
