import type { Batch, BatchKind, BatchSpec, BatchStatus } from '../../core/batch.ts';
import { isBatchId } from '../../core/batch-id.ts';
import { keys } from '../keys.ts';
import type { LiveChannels } from '../live.ts';
import { replies, type ScriptedRedis } from '../redis.ts';
import type { Segment } from './batch-feed.ts';
import { batchToFields, fieldsToBatch } from './batch-record.ts';
import { announcedLines } from './line-announcements.ts';
import { decodePlace, type Place, placeRange } from './place.ts';

/** Ms that making a batch may take before a feeder looks what became of it. */
const MAKING = 10_000;

/** A page of a list of batches, newest first. */
export interface BatchPage {
  readonly batches: readonly Batch[];
  readonly more: boolean;
}

/** The batches' records, for those who make, read, list, cancel and delete them. What a feeder does is `batch-feed.ts`. */
export class BatchStore {
  readonly #redis: ScriptedRedis;
  readonly #live: LiveChannels;

  constructor(redis: ScriptedRedis, live: LiveChannels) {
    this.#redis = redis;
    this.#live = live;
  }

  /**
   * Resolves once the batch is durable; a feeder takes it within a second. It is listed before it is there: feeders pass over
   * it for a while, and then run it if its record has been written, or drop it. False: there is one of that id already, which
   * stays as it is.
   */
  async create(spec: BatchSpec): Promise<boolean> {
    const listing = this.#redis.multi();
    listing.zadd(keys.batches(spec.kind), 0, spec.id);
    listing.zadd(keys.openBatches, 'NX', Date.now() + MAKING, spec.id);
    await replies(listing);
    const fields = Object.entries(batchToFields(spec)).flat();
    const reply = await this.#redis.sluiceBatchCreate(keys.batch(spec.id), JSON.stringify(spec), ...fields);
    if (reply === 1) await this.#redis.zadd(keys.openBatches, 0, spec.id);
    return reply === 1;
  }

  /** Null if there is none, or this is no id of a batch. */
  async get(batchId: string): Promise<Batch | null> {
    if (!isBatchId(batchId)) return null;
    const hash = await this.#redis.hgetall(keys.batch(batchId));
    return hash.version === undefined ? null : fieldsToBatch(batchId, hash);
  }

  /** Asks for cancellation; the status before, or null if there is no such batch. */
  async cancel(batchId: string): Promise<BatchStatus | null> {
    const status = await this.#redis.sluiceBatchCancel(
      keys.batch(batchId),
      Date.now(),
      keys.batchLive(batchId),
    );
    return status === '' ? null : (status as BatchStatus);
  }

  /** The batches of one API, newest first, after the one named, or those just before (that is, newer than) `before`. */
  async list(terms: {
    readonly kind: BatchKind;
    readonly after: string | null;
    readonly before: string | null;
    readonly limit: number;
  }): Promise<BatchPage> {
    const { kind, after, before, limit } = terms;
    const list = keys.batches(kind);
    const ids =
      before === null
        ? await this.#redis.zrevrangebylex(
            list,
            after === null ? '+' : `(${after}`,
            '-',
            'LIMIT',
            0,
            limit + 1,
          )
        : (await this.#redis.zrangebylex(list, `(${before}`, '+', 'LIMIT', 0, limit + 1)).reverse();
    const shown = before === null ? ids.slice(0, limit) : ids.slice(-limit);
    const batches = await Promise.all(shown.map((id) => this.get(id)));
    return { batches: batches.filter((batch) => batch !== null), more: ids.length > limit };
  }

  /** The segments with the results of finished lines, after the first `from` of them, in the order of their gathering. */
  async segments(batchId: string, from = 0): Promise<Segment[]> {
    const entries = await this.#redis.lrange(keys.segments(batchId), from, -1);
    return entries.map((entry) => JSON.parse(entry) as Segment);
  }

  /** The `number`th segment, from 1. */
  async segment(batchId: string, number: number): Promise<Segment | null> {
    const entry = await this.#redis.lindex(keys.segments(batchId), number - 1);
    return entry === null ? null : (JSON.parse(entry) as Segment);
  }

  /** Where the result of a line is; null if it has not finished. */
  async place(batchId: string, line: number): Promise<Place | null> {
    const [first, last] = placeRange(line);
    return decodePlace(await this.#redis.getrangeBuffer(keys.places(batchId), first, last));
  }

  /** How all lines stand: see {@link placeIn}. */
  async places(batchId: string): Promise<Buffer> {
    return (await this.#redis.getBuffer(keys.places(batchId))) ?? Buffer.alloc(0);
  }

  /** Forgets where the results of an ended batch are. */
  async forgetResults(batchId: string): Promise<void> {
    await this.#redis.unlink(keys.segments(batchId), keys.places(batchId), keys.window(batchId));
  }

  /** Forgets an ended batch altogether, but for its files. */
  async delete(batch: Pick<Batch, 'id' | 'kind'>): Promise<void> {
    await this.forgetResults(batch.id);
    await this.#redis.unlink(keys.batch(batch.id));
    for (const list of [keys.batches(batch.kind), keys.endedBatches]) {
      await this.#redis.zrem(list, batch.id);
    }
  }

  /** Calls `heard` whenever something about the batch has changed, or may have; returns how to stop that. */
  onChange(batchId: string, heard: () => void): Promise<() => void> {
    return this.#listen(batchId, (message) => {
      if (announcedLines(message).length === 0) heard();
    });
  }

  /** Calls `heard` with lines that have settled, and with null when the batch itself has changed, or may have. */
  onSettled(batchId: string, heard: (lines: number[] | null) => void): Promise<() => void> {
    return this.#listen(batchId, (message) => {
      const lines = announcedLines(message);
      heard(lines.length === 0 ? null : lines);
    });
  }

  async #listen(batchId: string, listener: (message: string) => void): Promise<() => void> {
    const channel = keys.batchLive(batchId);
    await this.#live.listen(channel, listener);
    return () => this.#live.unlisten(channel, listener);
  }
}
