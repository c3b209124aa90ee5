import { type Delta, decodeDeltas, encodeDeltas } from '../core/delta.ts';
import { isTerminal, type JobStatus, type Outcome } from '../core/job.ts';
import type { AttemptOpening, LogEntry, RetryNotice } from '../core/log-entry.ts';
import { formatOffset, type Offset, parseOffset } from '../core/offset.ts';
import { keys } from './keys.ts';
import type { LocalAnnouncements } from './local-announcements.ts';
import type { ScriptedRedis } from './redis.ts';

/** An entry as Redis has it, not yet parsed. */
export interface RawEntry {
  readonly id: string;
  readonly kind: string;
  readonly payload: string;
}

/** What an append met: written, a newer attempt, a cancellation, or a log that lost acknowledged entries. */
export type AppendReply = 'written' | 'fenced' | 'cancelled' | 'gap';

const APPEND_REPLIES: Record<number, AppendReply> = {
  1: 'written',
  0: 'fenced',
  [-1]: 'cancelled',
  [-2]: 'gap',
};

/** The durable log of deltas, one Redis stream a job: append and read. Following it live is `follow.ts`. */
export class DeltaLog {
  readonly #redis: ScriptedRedis;
  readonly #announcements: LocalAnnouncements;

  constructor(redis: ScriptedRedis, announcements: LocalAnnouncements) {
    this.#redis = redis;
    this.#announcements = announcements;
  }

  /** Appends one entry; `at` is the offset of its last delta, `previous` that of the entry before. */
  async append(jobId: string, previous: Offset, at: Offset, deltas: readonly Delta[]): Promise<AppendReply> {
    const payload = encodeDeltas(deltas);
    const reply = await this.#redis.sluiceAppend(
      keys.record(jobId),
      keys.log(jobId),
      formatOffset(previous),
      formatOffset(at),
      payload,
    );
    if (reply === 1) this.#announcements.publish(jobId, previous, at, 'deltas', payload);
    return APPEND_REPLIES[reply] ?? 'fenced';
  }

  /** Up to `count` entries after `after`, in order. If `after` lies inside an entry, the first is that one. */
  async read(jobId: string, after: Offset, count: number): Promise<RawEntry[]> {
    const rows = await this.#redis.xrange(keys.log(jobId), `(${formatOffset(after)}`, '+', 'COUNT', count);
    return rows.map(([id, [kind = '', payload = '']]) => ({ id, kind, payload }));
  }

  /** The whole log, page by page. */
  async *readAll(jobId: string): AsyncGenerator<LogEntry> {
    const page = 500;
    let after: Offset = { epoch: 0, seq: 0 };
    for (;;) {
      const entries = await this.read(jobId, after, page);
      for (const raw of entries) {
        const entry = decodeEntry(raw);
        yield entry;
        after = entry.offset;
      }
      if (entries.length < page) return;
    }
  }

  /** True if nothing will ever be appended: the job has settled, or there is none. */
  async isClosed(jobId: string): Promise<boolean> {
    const status = (await this.#redis.hget(keys.record(jobId), 'status')) as JobStatus | null;
    return status === null || isTerminal(status);
  }

  /** False once the log has expired, or if nothing was ever written to it. */
  async exists(jobId: string): Promise<boolean> {
    return (await this.#redis.exists(keys.log(jobId))) === 1;
  }
}

export function decodeEntry({ id, kind, payload }: RawEntry): LogEntry {
  const offset = parseOffset(id);
  if (offset === null) throw new Error(`The log holds an entry with the id ${id}, which is no offset.`);
  switch (kind) {
    case 'deltas':
      return { kind, offset, deltas: decodeDeltas(payload) };
    case 'attempt':
      return { kind, offset, attempt: JSON.parse(payload) as AttemptOpening };
    case 'retry':
      return { kind, offset, retry: JSON.parse(payload) as RetryNotice };
    case 'end':
      return { kind, offset, outcome: JSON.parse(payload) as Outcome };
    default:
      throw new Error(`The log holds an entry of the kind ${kind}, which this Sluice does not know.`);
  }
}
