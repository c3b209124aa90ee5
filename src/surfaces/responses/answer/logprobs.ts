import type { TokenLogprob } from '../../../core/completion.ts';

/** The probabilities of tokens as responses have them: with a list of bytes always, empty where a provider has none. */
export function logprobsOf(logprobs: readonly TokenLogprob[]): TokenLogprob[] {
  return logprobs.map(({ top_logprobs: top, ...token }) => ({
    ...withBytes(token),
    top_logprobs: top.map(withBytes),
  }));
}

function withBytes<Token extends Pick<TokenLogprob, 'bytes'>>(token: Token): Token & { bytes: number[] } {
  return { ...token, bytes: token.bytes ?? [] };
}
