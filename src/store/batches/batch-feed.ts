import { BATCH_KINDS, type BatchStatus, type LineStatus } from '../../core/batch.ts';
import { lineJobId } from '../../core/batch-id.ts';
import type { JobStatus } from '../../core/job.ts';
import type { RecordFields } from '../archive/archive.ts';
import { keys } from '../keys.ts';
import { replies, type ScriptedRedis } from '../redis.ts';
import { encodePlace } from './place.ts';

/** Where a line stands in the input of its batch. */
export interface InputPlace {
  readonly line: number;
  /** Bytes before it, and of it without its line break. */
  readonly offset: number;
  readonly length: number;
}

/** How far the input has been taken: the last line, and the bytes up to the next one. */
export interface Cursor {
  readonly line: number;
  readonly offset: number;
}

/** A batch in the hands of one feeder, until another takes it. */
export interface ClaimedBatch {
  readonly epoch: number;
  readonly cursor: Cursor;
}

/** What a commit adds to the batch's counters. */
export type Counters = Readonly<Record<string, number>>;

/** A segment, as the list of segments has it. */
export interface Segment {
  /** The key of its blob. */
  readonly key: string;
  /** How many lines were finished before it. */
  readonly after: number;
  readonly lines: number;
}

/** Another feeder has taken the batch: nothing more of it may be written from here. */
export class BatchFenced extends Error {
  override readonly name = 'BatchFenced';
}

/** Ms for which a feeder has a batch; it renews that a few times in each. */
export const LEASE = 6000;

/** Seconds that the log of a gathered line stays which somebody follows, and the mark of one that another feeder may write again. */
const LOG_LINGERS = 30;
const MARK_LINGERS = 3600;

/** What feeders do to batches. Each step is one atomic script, which only the feeder that has the batch may run. */
export class BatchFeed {
  readonly #redis: ScriptedRedis;

  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  /** Up to `count` batches that nobody has, each leased to one caller. */
  take(count: number): Promise<string[]> {
    const now = Date.now();
    return this.#redis.sluiceTakeDue(keys.openBatches, now, now + LEASE, count);
  }

  /** How many batches have not ended. */
  open(): Promise<number> {
    return this.#redis.zcard(keys.openBatches);
  }

  /** Keeps the batch for the feeder that has it. Throws if another has taken it: that one's lease is not to be prolonged. */
  async renew(batchId: string, epoch: number): Promise<void> {
    await this.check(batchId, epoch);
    await this.#redis.zadd(keys.openBatches, 'XX', Date.now() + LEASE, batchId);
  }

  /** Throws if another feeder has taken the batch. */
  async check(batchId: string, epoch: number): Promise<void> {
    if ((await this.#redis.hget(keys.batch(batchId), 'epoch')) !== String(epoch)) throw fenced(batchId);
  }

  /** Lets a feeder take the batch at `due` (unix ms). */
  async handBack(batchId: string, due: number): Promise<void> {
    await this.#redis.zadd(keys.openBatches, 'XX', due, batchId);
  }

  /** The batch has ended; at `due` (unix ms) its results are to be swept. */
  async close(batchId: string, due: number): Promise<void> {
    const both = this.#redis.multi();
    both.zadd(keys.endedBatches, due, batchId);
    both.zrem(keys.openBatches, batchId);
    await replies(both);
  }

  /** There is no such batch: who was making it died before it was there, or who was deleting it died after that. */
  async drop(batchId: string): Promise<void> {
    const all = this.#redis.multi();
    const lists = [keys.openBatches, keys.endedBatches, ...BATCH_KINDS.map(keys.batches)];
    for (const list of lists) all.zrem(list, batchId);
    await replies(all);
  }

  /** Up to `count` ended batches of which something is to be swept, each handed to one caller until `next` (unix ms). */
  takeEnded(next: number, count: number): Promise<string[]> {
    return this.#redis.sluiceTakeDue(keys.endedBatches, Date.now(), next, count);
  }

  /** When the ended batch is to be looked at again, in unix ms. */
  async sweepAgain(batchId: string, due: number): Promise<void> {
    await this.#redis.zadd(keys.endedBatches, 'XX', due, batchId);
  }

  /** Shuts out whoever had the batch before. Null: there is no such batch. */
  async claim(batchId: string): Promise<ClaimedBatch | 'ended' | null> {
    const [reply, epoch, line, offset] = await this.#redis.sluiceBatchClaim(keys.batch(batchId));
    if (reply === undefined) return null;
    if (reply === 'ended') return 'ended';
    return { epoch: Number(epoch), cursor: { line: Number(line), offset: Number(offset) } };
  }

  /** Moves the batch on. False: it was cancelled meanwhile, and has to end. */
  async move(
    batchId: string,
    epoch: number,
    status: BatchStatus,
    fields: Readonly<Record<string, string | number>> = {},
  ): Promise<boolean> {
    const channel = keys.batchLive(batchId);
    const pairs = Object.entries(fields).flat();
    const reply = await this.#redis.sluiceBatchMove(
      keys.batch(batchId),
      epoch,
      status,
      Date.now(),
      channel,
      ...pairs,
    );
    if (reply === 0) throw fenced(batchId);
    return reply === 1;
  }

  /** Takes lines into the window and moves the cursor behind them. */
  async feed(
    batchId: string,
    epoch: number,
    from: Cursor,
    to: Cursor,
    lines: readonly InputPlace[],
  ): Promise<void> {
    const places = lines.flatMap(({ line, offset, length }) => [line, `${offset}:${length}`]);
    const reply = await this.#redis.sluiceBatchFeed(
      keys.batch(batchId),
      keys.window(batchId),
      epoch,
      from.line,
      to.line,
      to.offset,
      ...places,
    );
    if (reply !== 1) throw fenced(batchId);
  }

  /** The lines that are under way. */
  async window(batchId: string): Promise<InputPlace[]> {
    const entries = Object.entries(await this.#redis.hgetall(keys.window(batchId)));
    return entries.map(([line, place]) => {
      const [offset = 0, length = 0] = place.split(':').map(Number);
      return { line: Number(line), offset, length };
    });
  }

  /** How the jobs stand; null for one that has no record. */
  async statuses(jobIds: readonly string[]): Promise<(JobStatus | null)[]> {
    const pipeline = this.#redis.pipeline();
    for (const id of jobIds) pipeline.hget(keys.record(id), 'status');
    return (await replies(pipeline)) as (JobStatus | null)[];
  }

  /** The jobs' records, field by field; null where there is none. */
  async records(jobIds: readonly string[]): Promise<(RecordFields | null)[]> {
    const pipeline = this.#redis.pipeline();
    for (const id of jobIds) pipeline.hgetall(keys.record(id));
    const found = (await replies(pipeline)) as RecordFields[];
    return found.map((record) => (record.version === undefined ? null : record));
  }

  /**
   * Frees what the jobs of gathered lines hold. A log that somebody follows stays a moment; stored jobs are the archive's. Where an earlier feeder may still be writing, a mark keeps the line from being run again.
   */
  async dropRecords(
    batchId: string,
    lines: readonly { readonly line: number; readonly inherited: boolean; readonly stored: boolean }[],
  ): Promise<void> {
    const ids = lines.map(({ line }) => lineJobId(batchId, line));
    const followed = (await this.#redis.pubsub('NUMSUB', ...ids.map(keys.live))) as (string | number)[];
    const pipeline = this.#redis.pipeline();
    for (const [index, { inherited, stored }] of lines.entries()) {
      const id = ids[index] ?? '';
      // The reply has each channel, and how many listen to it.
      if (Number(followed[2 * index + 1]) > 0) pipeline.expire(keys.log(id), LOG_LINGERS);
      else pipeline.unlink(keys.log(id));
      if (stored) continue;
      pipeline.unlink(keys.record(id));
      if (!inherited) continue;
      pipeline.hset(keys.record(id), { version: 1, status: 'completed', gathered: 1 });
      pipeline.expire(keys.record(id), MARK_LINGERS);
    }
    await replies(pipeline);
  }

  /** Makes results part of the batch; `segment` is the `number`th, from 1. */
  async commit(
    batchId: string,
    epoch: number,
    number: number,
    segment: Segment,
    counters: Counters,
    lines: readonly { readonly line: number; readonly status: LineStatus }[],
  ): Promise<void> {
    const changed = Object.entries(counters).filter(([, value]) => value !== 0);
    const reply = await this.#redis.sluiceBatchCommit(
      keys.batch(batchId),
      keys.window(batchId),
      keys.segments(batchId),
      keys.places(batchId),
      epoch,
      number,
      JSON.stringify(segment),
      keys.batchLive(batchId),
      'results',
      changed.length,
      ...changed.flat(),
      ...lines.flatMap(({ line, status }) => [line, encodePlace({ status, segment: number })]),
    );
    if (reply === -1) throw new Error(`A line of ${batchId} was to get a second result.`);
    if (reply !== 1) throw fenced(batchId);
  }
}

function fenced(batchId: string): BatchFenced {
  return new BatchFenced(`Another feeder has taken ${batchId}.`);
}
