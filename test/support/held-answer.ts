import { textEvent, wholeAnswer } from './openai-stream.ts';
import type { Script } from './upstream-server.ts';

/** An answer in three parts, of which the second and the third come when they are let go. */
export function heldAnswer(): {
  readonly script: Script;
  /** The text after one, two and three parts. */
  readonly texts: readonly [string, string, string];
  readonly second: () => void;
  readonly third: () => void;
} {
  const parts = ['first', 'second', 'third'].map((name) =>
    Array.from({ length: 30 }, (_, index) => `${name}${index} `),
  );
  const [one = [], two = [], three = []] = parts.map((words) => words.map(textEvent));
  const [second, third] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const upTo = (count: number): string => parts.slice(0, count).flat().join('');
  return {
    script: wholeAnswer(...one, second.promise, ...two, third.promise, ...three),
    texts: [upTo(1), upTo(2), upTo(3)],
    second: second.resolve,
    third: third.resolve,
  };
}
