/**
 * Counts tokens in a thread of its own: to load the encoding takes a tenth of a second, and megabytes of text take
 * more, in which the event loop would write no deltas.
 */
import { parentPort } from 'node:worker_threads';
import { countTokens, setMergeCacheSize } from 'gpt-tokenizer/encoding/o200k_base';

/** A text to count, and the answer. */
export interface CountQuestion {
  readonly id: number;
  readonly texts: readonly string[];
}
export interface CountAnswer {
  readonly id: number;
  readonly tokens: number;
}

/**
 * Characters counted at a time. A run without a word's end takes time by the square of its length; a cut costs a token
 * at most.
 */
const SLICE = 2048;

// Keeps pieces of text: so many, and not the hundred thousand that it would by default.
setMergeCacheSize(5000);

const PLAIN = { disallowedSpecial: new Set<string>() };

parentPort?.on('message', ({ id, texts }: CountQuestion) => {
  let tokens = 0;
  for (const text of texts) {
    for (let at = 0; at < text.length; at += SLICE) tokens += countTokens(text.slice(at, at + SLICE), PLAIN);
  }
  parentPort?.postMessage({ id, tokens } satisfies CountAnswer);
});
