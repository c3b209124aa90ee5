import type { Annotation, TokenLogprob } from '../../../core/completion.ts';
import { type Fields, fieldsOf, objectsIn, textIn } from '../../../core/json.ts';

/** Log probabilities as chat completions have them: with bytes, or null where a server has none. */
export function logprobsOf(value: unknown): TokenLogprob[] {
  return objectsIn(value).map((item) => ({
    ...tokenOf(item),
    top_logprobs: objectsIn(item.top_logprobs).map(tokenOf),
  }));
}

function tokenOf({ token, logprob, bytes }: Fields) {
  return { token: textIn(token), logprob: Number(logprob ?? 0), bytes: Array.isArray(bytes) ? bytes : null };
}

/**
 * An annotation as chat completions have them, nested below its type; null where it is none. Its offsets count from
 * the start of its part, which begins `offset` characters into the content.
 */
export function annotationOf(value: unknown, offset: number): Annotation | null {
  const { type, ...own } = fieldsOf(value);
  if (typeof type !== 'string') return null;
  const { start_index: start, end_index: end } = own;
  const moved = {
    ...own,
    ...(typeof start === 'number' && { start_index: start + offset }),
    ...(typeof end === 'number' && { end_index: end + offset }),
  };
  return { type, [type]: moved } as Annotation;
}
