import type { Batch } from '../core/batch.ts';
import { lineJobId } from '../core/batch-id.ts';
import { Bell } from '../core/bell.ts';
import { isTerminal } from '../core/job.ts';
import { BatchFenced, LEASE } from '../store/batches/batch-feed.ts';
import type { FeederParts } from './feeder-parts.ts';
import { Feeding } from './feeding.ts';
import { writeResultFiles } from './finalization.ts';
import { Gathering, SEGMENT_LINES } from './gathering.ts';
import { openBatch, readLeaders } from './opening.ts';
import type { Tenure } from './tenure.ts';
import { WindingDown } from './winding-down.ts';
import { type Held, Window } from './window.ts';

/** Ms between two looks at lines that nothing was heard of. */
const LOOK = 2000;
/** Settled lines wait a part of the batch's age to be gathered: many batches are small, and no large one has many segments. */
const WAIT_SHARE = 1 / 200;
const SHORTEST_WAIT = 250;
const LONGEST_WAIT = 10_000;
/** Bytes that the lines of a window may have, for each that it has room for: Redis holds all of them. */
const LINE_BYTES = 64 * 1024;

/** Runs one batch, from wherever it stands to its end, unless it is stopped or another feeder takes it. */
export class BatchRun {
  readonly #parts: FeederParts;
  readonly #batchId: string;
  /** How many lines it may have in the queue, now. */
  readonly #share: () => number;
  readonly #stop: AbortSignal;
  readonly #bell = new Bell();
  #fenced: BatchFenced | null = null;

  constructor(parts: FeederParts, batchId: string, share: () => number, stop: AbortSignal) {
    this.#parts = parts;
    this.#batchId = batchId;
    this.#share = share;
    this.#stop = stop;
  }

  /** Resolves at the batch's end, or when stopped; rejects if another feeder has taken it, or it cannot go on now. */
  async run(): Promise<void> {
    const { store } = this.#parts;
    const claim = await store.feed.claim(this.#batchId);
    if (claim === null) return store.feed.drop(this.#batchId);
    // Who ended it may have died before anybody was told.
    if (claim === 'ended') return void (await this.#close());
    const ring = (): void => this.#bell.ring();
    const lease = setInterval(() => void this.#renew(claim.epoch), LEASE / 4);
    this.#stop.addEventListener('abort', ring);
    try {
      const batch = await this.#opened(claim.epoch);
      if (batch === null) return;
      await this.#work(batch, claim.epoch, claim.cursor);
    } finally {
      clearInterval(lease);
      this.#stop.removeEventListener('abort', ring);
    }
  }

  async #renew(epoch: number): Promise<void> {
    try {
      await this.#parts.store.feed.renew(this.#batchId, epoch);
    } catch (error) {
      // Who waits would not find out: nothing may ever be written of what it waits for.
      if (error instanceof BatchFenced) this.#fenced = error;
      this.#bell.ring();
    }
  }

  /** The batch, once its input is known to be valid; null if it has ended without that. */
  async #opened(epoch: number): Promise<Batch | null> {
    const { store, logger } = this.#parts;
    const batch = await this.#read();
    if (batch.counts.total > 0) return batch;
    if (batch.status === 'cancelling') return this.#end(batch, epoch, 'cancelled');
    const found = await openBatch(this.#parts, batch);
    if (!('leaders' in found)) {
      await store.feed.move(batch.id, epoch, 'failed', { errors: JSON.stringify(found) });
      return this.#close();
    }
    const { total, model } = found;
    const begins = await store.feed.move(batch.id, epoch, 'in_progress', {
      total,
      ...(model !== null && { model }),
    });
    if (!begins) return this.#end(batch, epoch, 'cancelled');
    logger.info({ batchId: batch.id, lines: total, model }, 'batch in_progress');
    return this.#read();
  }

  async #work(batch: Batch, epoch: number, cursor: Tenure['cursor']): Promise<void> {
    const { store } = this.#parts;
    const window = new Window();
    const segments = await store.batches.segments(batch.id);
    const last = segments.at(-1);
    const tenure: Tenure = {
      parts: this.#parts,
      batch,
      epoch,
      window,
      leaders: await readLeaders(this.#parts, batch),
      cursor,
      segments: segments.length,
      gathered: last === undefined ? 0 : last.after + last.lines,
      ending: endingOf(batch),
    };
    const quiet = await store.batches.onSettled(batch.id, (lines) => {
      for (const line of lines ?? []) window.finish(line);
      if (lines === null) void this.#reconsider(tenure);
      this.#bell.ring();
    });
    const expiry = setTimeout(() => this.#bell.ring(), Math.max(0, batch.expiresAt - Date.now()));
    const feeding = new Feeding(tenure);
    try {
      // It may have been cancelled just before this began to listen.
      await this.#reconsider(tenure);
      await this.#inherit(tenure, feeding);
      await this.#lines(tenure, feeding);
    } finally {
      clearTimeout(expiry);
      quiet();
      await feeding.close();
    }
    if (!this.#stop.aborted) await this.#finalize(tenure);
  }

  /** What was under way when the batch was taken: fed again where it has not settled, which changes nothing where it runs. */
  async #inherit(tenure: Tenure, feeding: Feeding): Promise<void> {
    const { parts, batch, window } = tenure;
    const held = window.take(await parts.store.feed.window(batch.id), true);
    const missing = await this.#look(window, batch.id, held);
    // What is there already is ended, not fed, where the batch is.
    await feeding.again(tenure.ending === null ? window.running() : missing);
  }

  /** Feeds and gathers until nothing is left, or this is stopped. */
  async #lines(tenure: Tenure, feeding: Feeding): Promise<void> {
    const { window, batch } = tenure;
    const gathering = new Gathering(tenure);
    const windingDown = new WindingDown(tenure);
    let looked = Date.now();
    while (!this.#stop.aborted && !(feeding.ended && window.size === 0)) {
      if (this.#fenced !== null) throw this.#fenced;
      if (tenure.ending === null && batch.expiresAt <= Date.now()) tenure.ending = 'expired';
      const { lines, bytes } = this.#room(window);
      const fed = lines > 0 && bytes > 0 && !feeding.ended ? feeding.step(lines, bytes) : null;
      const gathered = this.#isTimeToGather(tenure, feeding) ? gathering.step() : null;
      const [lost] = await Promise.all([gathered, fed]);
      if (lost !== null) await feeding.again(lost);
      for (const held of window.waiting()) await gathering.follow(held);
      await windingDown.step();
      if (Date.now() - looked > LOOK) {
        await feeding.again(await this.#look(window, batch.id, window.running(Date.now() - LOOK)));
        looked = Date.now();
      }
      const goesOn = this.#isTimeToGather(tenure, feeding) || (!feeding.ended && !this.#isFull(window));
      if (!goesOn) await this.#bell.wait(this.#patience(tenure));
    }
  }

  /** For how many more lines there is room, and for how many bytes of them. */
  #room({ size, bytes }: Window): { readonly lines: number; readonly bytes: number } {
    const share = this.#share();
    return { lines: share - size, bytes: LINE_BYTES * share - bytes };
  }

  #isFull(window: Window): boolean {
    const { lines, bytes } = this.#room(window);
    return lines <= 0 || bytes <= 0;
  }

  #isTimeToGather({ window, batch }: Tenure, feeding: Feeding): boolean {
    if (window.waitingSince === null) return false;
    const half = 2 * window.finished >= window.size;
    const many = Math.min(SEGMENT_LINES, Math.max(1, Math.floor(this.#share() / 2)));
    const enough = window.finished >= many || (half && this.#isFull(window));
    const nothingElse = feeding.ended && window.finished === window.size;
    return enough || nothingElse || Date.now() - window.waitingSince >= wait(batch);
  }

  /** Ms until there may be something to do of which nothing is heard. */
  #patience({ window, batch }: Tenure): number {
    const gather = window.waitingSince === null ? LOOK : window.waitingSince + wait(batch) - Date.now();
    return Math.max(1, Math.min(gather, LOOK));
  }

  /** Looks how lines stand: some have settled unheard. Those that have no record. */
  async #look(window: Window, batchId: string, held: readonly Held[]): Promise<Held[]> {
    const statuses = await this.#parts.store.feed.statuses(held.map(({ line }) => lineJobId(batchId, line)));
    return held.filter(({ line }, index) => {
      const status = statuses[index] ?? null;
      if (status !== null && isTerminal(status)) window.finish(line);
      return status === null;
    });
  }

  async #reconsider(tenure: Tenure): Promise<void> {
    const batch = await this.#parts.store.batches.get(tenure.batch.id).catch(() => null);
    if (batch !== null) tenure.ending ??= endingOf(batch);
    this.#bell.ring();
  }

  async #finalize({ batch: { id }, epoch, ending }: Tenure): Promise<void> {
    const { store } = this.#parts;
    if (ending !== 'cancelled') await store.feed.move(id, epoch, 'finalizing');
    const batch = await this.#read();
    const status =
      batch.status === 'cancelling' ? 'cancelled' : batch.counts.expired > 0 ? 'expired' : 'completed';
    await this.#end(batch, epoch, status);
  }

  async #end(batch: Batch, epoch: number, status: 'completed' | 'expired' | 'cancelled'): Promise<null> {
    const files = await writeResultFiles(this.#parts, { ...batch, epoch });
    const fields = Object.entries(files).filter(([, id]) => id !== null);
    await this.#parts.store.feed.move(batch.id, epoch, status, Object.fromEntries(fields));
    return this.#close();
  }

  async #close(): Promise<null> {
    const { webhooks, logger } = this.#parts;
    const batch = await this.#read();
    await webhooks.batchEnded(batch);
    await this.#forgetLater();
    logger.info({ batchId: batch.id, ...batch.counts }, `batch ${batch.status}`);
    return null;
  }

  /** Nothing is left to do but to sweep it, in time. */
  #forgetLater(): Promise<void> {
    const { store, config } = this.#parts;
    return store.feed.close(this.#batchId, Date.now() + 1000 * config.limits.resultTtl);
  }

  async #read(): Promise<Batch> {
    const batch = await this.#parts.store.batches.get(this.#batchId);
    if (batch === null) throw new Error(`The record of ${this.#batchId} is gone.`);
    return batch;
  }
}

function endingOf({ status }: Batch): Tenure['ending'] {
  return status === 'cancelling' ? 'cancelled' : null;
}

/** Ms that settled lines wait for others, to be gathered together. */
function wait(batch: Batch): number {
  const age = Date.now() - (batch.since.in_progress ?? batch.createdAt);
  return Math.min(Math.max(SHORTEST_WAIT, age * WAIT_SHARE), LONGEST_WAIT);
}
