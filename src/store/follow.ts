import { setTimeout as delay } from 'node:timers/promises';
import type { LogEntry } from '../core/log-entry.ts';
import { compareOffsets, formatOffset, type Offset, parseOffset } from '../core/offset.ts';
import { type DeltaLog, decodeEntry, type RawEntry } from './delta-log.ts';
import { keys } from './keys.ts';
import { type LiveChannels, parseAnnouncement, RESYNC } from './live.ts';
import { isOutage } from './redis.ts';

/**
 * What a follower that is behind reads of the log at a time: few entries at first, then more while they are
 * small, because nobody knows their size beforehand.
 */
const FIRST_PAGE = 8;
const LARGEST_PAGE = 200;
const PAGE_CHARACTERS = 128 * 1024;
/** Deltas that are yielded at once. An entry may have gathered thousands; a follower who waits holds few. */
const PIECE = 256;
/** What a follower keeps of announcements it has not come to; beyond that it reads the log instead. */
const INBOX_BYTES = 256 * 1024;
/**
 * Ms without an announcement after which a follower looks whether it missed one. It doubles while nothing
 * happens: thousands of quiet readers must not keep Redis busy.
 */
const IDLE_POLL = 2000;
const LONGEST_IDLE_POLL = 16_000;
/**
 * The same for a log that was empty a moment ago: its first entries may have been announced before Redis
 * confirmed the subscription.
 */
const FRESH_POLL = 100;
/** Ms between two tries to read the log while Redis is away. */
const OUTAGE_POLL = 250;

export interface FollowOptions {
  /** Everything after this place; inside an entry, the deltas that are left of it. */
  readonly after: Offset;
  readonly signal: AbortSignal;
  /** The log was empty a moment ago, so there is hardly anything to read before listening. */
  readonly fresh?: boolean;
}

/**
 * A job's log from `after` to its terminal entry: stored entries first, then live ones. Announcements are
 * only the fast path: whenever one does not join on to the last entry, the log itself is read, so a lost
 * message costs time and never a delta. Ends after the terminal entry, or when `signal` aborts, or when
 * there can be no terminal entry after `after`.
 */
export async function* follow(
  log: DeltaLog,
  live: LiveChannels,
  jobId: string,
  options: FollowOptions,
): AsyncGenerator<LogEntry> {
  const { signal } = options;
  const inbox = new Inbox();
  const channel = keys.live(jobId);
  const wake = (): void => inbox.wake();
  signal.addEventListener('abort', wake);
  try {
    await live.listen(channel, inbox.receive);
    let cursor = options.after;
    let behind = !options.fresh;
    let patience = options.fresh ? FRESH_POLL : IDLE_POLL;
    let page = FIRST_PAGE;
    while (!signal.aborted) {
      const entries = behind ? await readPage(log, jobId, cursor, page, signal) : inbox.next(cursor);
      if (entries === null) return;
      if (entries === 'behind') {
        behind = true;
        continue;
      }
      behind = behind && entries.length === page;
      page = behind ? nextPage(entries) : FIRST_PAGE;
      for (const raw of entries) {
        const entry = decodeEntry(raw);
        yield* pieces(trim(entry, cursor));
        cursor = entry.offset;
        if (entry.kind === 'end') return;
        patience = IDLE_POLL;
      }
      if (!behind && inbox.empty && !signal.aborted && !(await inbox.arrival(patience))) {
        behind = true;
        patience = Math.max(IDLE_POLL, Math.min(2 * patience, LONGEST_IDLE_POLL));
      }
    }
  } finally {
    signal.removeEventListener('abort', wake);
    live.unlisten(channel, inbox.receive);
  }
}

/** How many entries to read next, judged by those just read. */
function nextPage(entries: readonly RawEntry[]): number {
  const characters = entries.reduce((sum, { payload }) => sum + payload.length, 0);
  const fitting = Math.floor((entries.length * PAGE_CHARACTERS) / characters);
  return Math.max(1, Math.min(fitting, 2 * entries.length, LARGEST_PAGE));
}

/**
 * The entries that the log has after a place. Null if there will never be any: the place is past the end, or
 * the log has been removed while it was read.
 */
async function readPage(
  log: DeltaLog,
  jobId: string,
  after: Offset,
  count: number,
  signal: AbortSignal,
): Promise<RawEntry[] | null> {
  for (;;) {
    try {
      const entries = await log.read(jobId, after, count);
      if (entries.length > 0 || !(await log.isClosed(jobId))) return entries;
      // It may have been closed between the two.
      const last = await log.read(jobId, after, count);
      return last.length > 0 ? last : null;
    } catch (error) {
      if (!isOutage(error)) throw error;
      await delay(OUTAGE_POLL, undefined, { signal }).catch(() => {});
      if (signal.aborted) return [];
    }
  }
}

/** An entry without the deltas that lie at or before the cursor. */
function trim(entry: LogEntry, cursor: Offset): LogEntry {
  if (entry.kind !== 'deltas' || entry.offset.epoch !== cursor.epoch) return entry;
  const missing = entry.offset.seq - cursor.seq;
  return missing >= entry.deltas.length ? entry : { ...entry, deltas: entry.deltas.slice(-missing) };
}

/** The entry as several smaller ones, each with the offset of its own last delta. */
function* pieces(entry: LogEntry): Generator<LogEntry> {
  if (entry.kind !== 'deltas' || entry.deltas.length <= PIECE) {
    yield entry;
    return;
  }
  const { kind, deltas, offset } = entry;
  for (let start = 0; start < deltas.length; start += PIECE) {
    const part = deltas.slice(start, start + PIECE);
    yield {
      kind,
      deltas: part,
      offset: { ...offset, seq: offset.seq - deltas.length + start + part.length },
    };
  }
}

/** Announcements that wait for their follower: bounded, because a slow reader must not cost memory. */
class Inbox {
  #messages: string[] = [];
  #bytes = 0;
  #overflowed = false;
  #notify: (() => void) | null = null;

  readonly receive = (message: string): void => {
    this.#bytes += message.length;
    if (message === RESYNC || this.#bytes > INBOX_BYTES) {
      this.#messages = [];
      this.#bytes = 0;
      this.#overflowed = true;
    } else if (!this.#overflowed) {
      this.#messages.push(message);
    }
    this.wake();
  };

  get empty(): boolean {
    return this.#messages.length === 0 && !this.#overflowed;
  }

  wake(): void {
    this.#notify?.();
  }

  /** The waiting entries that join on to the cursor, or that the log must be read. */
  next(cursor: Offset): RawEntry[] | 'behind' {
    if (this.#overflowed) {
      this.#overflowed = false;
      return 'behind';
    }
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    const entries: RawEntry[] = [];
    let last = cursor;
    for (const message of messages) {
      const announcement = parseAnnouncement(message);
      const offset = parseOffset(announcement.id);
      if (offset === null || compareOffsets(offset, last) <= 0) continue;
      if (announcement.previous !== formatOffset(last))
        return entries.length > 0 ? this.#later(entries) : 'behind';
      entries.push(announcement);
      last = offset;
    }
    return entries;
  }

  /** Resolves true when something is there, false after `timeout` ms without anything. */
  async arrival(timeout: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, timeout, false);
    this.#notify = () => resolve(true);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#notify = null;
    }
  }

  #later(entries: RawEntry[]): RawEntry[] {
    this.#overflowed = true;
    return entries;
  }
}
