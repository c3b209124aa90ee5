import { setTimeout as delay } from 'node:timers/promises';
import type { LogEntry } from '../core/log-entry.ts';
import { compareOffsets, formatOffset, type Offset, parseOffset } from '../core/offset.ts';
import { type DeltaLog, decodeEntry } from './delta-log.ts';
import { keys } from './keys.ts';
import { type Announcement, type LiveChannels, parseAnnouncement, RESYNC } from './live.ts';
import { isOutage } from './redis.ts';

/** Entries read from the log at a time, when a follower is behind. */
const PAGE = 200;
/** What a follower keeps of announcements it has not come to; beyond that it reads the log instead. */
const INBOX_BYTES = 256 * 1024;
/** Ms without an announcement after which a follower looks whether it missed one. */
const IDLE_POLL = 2000;
/**
 * The same for a log that was empty a moment ago: its first entries may have been announced before Redis
 * confirmed the subscription.
 */
const FRESH_POLL = 10;
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
    while (!signal.aborted) {
      const entries = behind ? await readPage(log, jobId, cursor, signal) : inbox.next(cursor);
      if (entries === null) return;
      if (entries === 'behind') {
        behind = true;
        continue;
      }
      behind = behind && entries.length === PAGE;
      for (const entry of entries) {
        yield trim(entry, cursor);
        cursor = entry.offset;
        if (entry.kind === 'end') return;
        patience = IDLE_POLL;
      }
      if (!behind && inbox.empty && !signal.aborted && !(await inbox.arrival(patience))) {
        behind = true;
        patience = IDLE_POLL;
      }
    }
  } finally {
    signal.removeEventListener('abort', wake);
    live.unlisten(channel, inbox.receive);
  }
}

/**
 * The entries that the log has after a place. Null if there will never be any: the place is past the end, or
 * the log has been removed while it was read.
 */
async function readPage(
  log: DeltaLog,
  jobId: string,
  after: Offset,
  signal: AbortSignal,
): Promise<LogEntry[] | null> {
  for (;;) {
    try {
      const entries = await log.read(jobId, after, PAGE);
      if (entries.length > 0 || !(await log.isClosed(jobId))) return entries;
      // It may have been closed between the two.
      const last = await log.read(jobId, after, PAGE);
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
  next(cursor: Offset): LogEntry[] | 'behind' {
    if (this.#overflowed) {
      this.#overflowed = false;
      return 'behind';
    }
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    const entries: LogEntry[] = [];
    let last = cursor;
    for (const message of messages) {
      const announcement = parseAnnouncement(message);
      const offset = parseOffset(announcement.id);
      if (offset === null || compareOffsets(offset, last) <= 0) continue;
      if (announcement.previous !== formatOffset(last))
        return entries.length > 0 ? this.#later(entries) : 'behind';
      entries.push(toEntry(announcement));
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

  #later(entries: LogEntry[]): LogEntry[] {
    this.#overflowed = true;
    return entries;
  }
}

function toEntry(announcement: Announcement): LogEntry {
  return decodeEntry(announcement.id, announcement.kind, announcement.payload);
}
