import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CountAnswer, CountQuestion } from './token-thread.ts';

/** Characters that are counted at most; what is beyond is taken to be of the same kind. */
const SAMPLE = 256 * 1024;
/** Characters that may wait for the thread; beyond that, nobody waits for a count. */
const MOST_WAITING = 4 * 1024 * 1024;
/** `.ts` or, in the package, `.js`, as this file. */
const THREAD = new URL(`./token-thread${extname(import.meta.url)}`, import.meta.url);
/** UTF-8 bytes of a token, where none could be counted. */
const BYTES_PER_TOKEN = 4;

interface Waiting {
  readonly characters: number;
  readonly resolve: (tokens: number | null) => void;
}

export interface CounterOptions {
  /** Ms that a count may take before bytes are counted instead. */
  readonly patience?: number;
  /** Ms without work after which the thread ends and gives its memory back. */
  readonly idle?: number;
}

/**
 * Counts tokens with OpenAI's `o200k_base`, in a thread that starts when it is needed. Exact for OpenAI's texts of up
 * to 2048 characters, near for longer ones, an estimate for other vendors. Bounded in time and memory, whatever the
 * text; never rejects.
 */
export class TokenCounter {
  readonly #patience: number;
  readonly #idle: number;
  readonly #waiting = new Map<number, Waiting>();
  #waitingCharacters = 0;
  #thread: Worker | null = null;
  #lastId = 0;
  #idleTimer: NodeJS.Timeout | null = null;

  constructor({ patience = 1000, idle = 60_000 }: CounterOptions = {}) {
    this.#patience = patience;
    this.#idle = idle;
  }

  /** Whether the thread runs. */
  get running(): boolean {
    return this.#thread !== null;
  }

  /** How many tokens these texts have together. */
  async count(texts: readonly string[]): Promise<number> {
    const characters = texts.reduce((sum, { length }) => sum + length, 0);
    if (characters === 0) return 0;
    const sample = cut(texts, SAMPLE);
    const counted = await this.#ask(sample, Math.min(characters, SAMPLE));
    const tokens = counted ?? bytesOf(sample) / BYTES_PER_TOKEN;
    return Math.ceil(tokens * Math.max(1, characters / SAMPLE));
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#abandon();
    await thread?.terminate();
  }

  /** Null if there was no answer in time. */
  async #ask(texts: readonly string[], characters: number): Promise<number | null> {
    if (this.#waitingCharacters + characters > MOST_WAITING) return null;
    this.#lastId += 1;
    const id = this.#lastId;
    const thread = this.#wake();
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.#waiting.set(id, { characters, resolve });
    this.#waitingCharacters += characters;
    const late = setTimeout(resolve, this.#patience, null);
    thread.postMessage({ id, texts } satisfies CountQuestion);
    const tokens = await promise;
    clearTimeout(late);
    return tokens;
  }

  #wake(): Worker {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
    if (this.#thread !== null) return this.#thread;
    const thread = new Worker(THREAD, { execArgv: [] });
    thread.on('message', (answer: CountAnswer) => this.#answered(answer));
    thread.on('error', () => {
      if (this.#thread === thread) this.#abandon();
    });
    // To listen to a thread undoes this, so it comes last.
    thread.unref();
    this.#thread = thread;
    return thread;
  }

  #answered({ id, tokens }: CountAnswer): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    this.#waitingCharacters -= waiting.characters;
    waiting.resolve(tokens);
    if (this.#waiting.size === 0) {
      this.#idleTimer = setTimeout(() => void this.close(), this.#idle);
      this.#idleTimer.unref();
    }
  }

  /** Forgets the thread; nobody waits for it any more. */
  #abandon(): void {
    this.#thread = null;
    for (const { resolve } of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
    this.#waitingCharacters = 0;
  }
}

/** The first so many characters of the texts. */
function cut(texts: readonly string[], characters: number): string[] {
  const kept: string[] = [];
  let left = characters;
  for (const text of texts) {
    if (left <= 0) break;
    kept.push(text.slice(0, left));
    left -= text.length;
  }
  return kept;
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
