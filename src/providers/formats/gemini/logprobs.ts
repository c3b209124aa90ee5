import type { TokenLogprob } from '../../../core/completion.ts';
import { isFields } from '../../../core/json.ts';
import { itemsOf } from './wire.ts';

type OneToken = Omit<TokenLogprob, 'top_logprobs'>;

/** `logprobsResult` as OpenAI's `logprobs.content`: the tokens that were chosen, each with those considered. */
export function logprobsOf(result: unknown): TokenLogprob[] {
  if (!isFields(result)) return [];
  const considered = Array.isArray(result.topCandidates) ? result.topCandidates : [];
  return itemsOf(result.chosenCandidates).map((chosen, index) => {
    const top: unknown = considered[index];
    const candidates = isFields(top) ? itemsOf(top.candidates) : [];
    return { ...tokenOf(chosen), top_logprobs: candidates.map(tokenOf) };
  });
}

function tokenOf({ token, logProbability }: Readonly<Record<string, unknown>>): OneToken {
  const text = typeof token === 'string' ? token : '';
  // Google leaves out numbers that are 0: the token was certain.
  const logprob = typeof logProbability === 'number' ? logProbability : 0;
  return { token: text, logprob, bytes: [...Buffer.from(text)] };
}
