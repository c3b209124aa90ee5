import type { LineResult } from '../core/batch.ts';
import type { InputPlace } from '../store/batches/batch-feed.ts';

/** A line that is under way. */
export interface Held extends InputPlace {
  /** It was under way already when this feeder took the batch: whoever had it then may still be writing. */
  readonly inherited: boolean;
  /** Unix milliseconds. */
  readonly since: number;
  /** It has settled; unix milliseconds of when that was heard. */
  finishedAt: number | null;
  /** Its result, where that is not its job's record. */
  result: LineResult | null;
  /** The line whose result it will have, too. */
  leader: number | null;
  /** Its own, where it waits for another one's result. */
  customId: string;
}

/** The lines of one batch that are under way, as its feeder knows them. */
export class Window {
  readonly #lines = new Map<number, Held>();
  readonly #finished = new Set<number>();
  #bytes = 0;

  get size(): number {
    return this.#lines.size;
  }

  /** What their requests take, each as a line of the input. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many of them have settled, and wait to be gathered. */
  get finished(): number {
    return this.#finished.size;
  }

  /** When the one that waits longest to be gathered was heard of; null if none waits. */
  get waitingSince(): number | null {
    const [first] = this.#finished;
    return first === undefined ? null : (this.#lines.get(first)?.finishedAt ?? null);
  }

  has(line: number): boolean {
    return this.#lines.has(line);
  }

  take(places: readonly InputPlace[], inherited: boolean): Held[] {
    const since = Date.now();
    return places.map(({ line, offset, length }) => {
      const held = {
        line,
        offset,
        length,
        inherited,
        since,
        finishedAt: null,
        result: null,
        leader: null,
        customId: '',
      };
      this.#lines.set(line, held);
      this.#bytes += length;
      return held;
    });
  }

  /** The line has settled; with a result, if that is not to be read from its job. */
  finish(line: number, result: LineResult | null = null): void {
    const held = this.#lines.get(line);
    if (held === undefined || held.finishedAt !== null) return;
    held.finishedAt = Date.now();
    held.result = result;
    this.#finished.add(line);
  }

  /** The line has to be run again: it seemed settled, and has left no result. */
  reopen(held: Held): void {
    held.finishedAt = null;
    this.#finished.delete(held.line);
  }

  /** Up to `most` settled lines, the first that was heard of first. */
  settled(most: number): Held[] {
    return [...this.#finished.values().take(most)].flatMap((line) => this.#lines.get(line) ?? []);
  }

  /** Those that run, and do so since before `unixMs`. */
  running(unixMs = Number.POSITIVE_INFINITY): Held[] {
    return [...this.#lines.values()].filter(
      ({ finishedAt, leader, since }) => finishedAt === null && leader === null && since < unixMs,
    );
  }

  /** Those that wait for the result of another one that is not under way itself. */
  waiting(): Held[] {
    return [...this.#lines.values()].filter(
      ({ leader, finishedAt }) => leader !== null && finishedAt === null && !this.has(leader),
    );
  }

  /** Those that wait for the result of this one. */
  followers(leader: number): Held[] {
    return [...this.#lines.values()].filter((held) => held.leader === leader && held.finishedAt === null);
  }

  remove(lines: Iterable<Pick<Held, 'line'>>): void {
    for (const { line } of lines) {
      this.#bytes -= this.#lines.get(line)?.length ?? 0;
      this.#lines.delete(line);
      this.#finished.delete(line);
    }
  }
}
