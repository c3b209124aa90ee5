import type { Logger } from '../log.ts';
import type { RawEntry } from './delta-log.ts';
import type { ScriptedRedis } from './redis.ts';

/** One announcement of a log entry: `<previous id> <id> <kind> <payload>`, not yet parsed. */
export interface Announcement extends RawEntry {
  readonly previous: string;
}

/** Called with each message of a channel, and with {@link RESYNC} when some may have been missed. */
export type Listener = (message: string) => void;

/** What every listener hears after the connection was lost: read the log again. */
export const RESYNC = '';

/** Ms that channels nobody listens to gather, to be left in one command. */
const GATHER = 10;

/**
 * One multiplexed subscriber connection a process. A channel is subscribed while somebody listens to it.
 * Messages may be missing (an outage, a buffer that Redis cut off): whoever listens must be able to tell.
 */
export class LiveChannels {
  readonly #redis: ScriptedRedis;
  readonly #logger: Logger;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #deserted = new Set<string>();

  constructor(redis: ScriptedRedis, logger: Logger) {
    this.#redis = redis;
    this.#logger = logger;
    redis.on('message', (channel: string, message: string) => this.hear(channel, message));
    redis.on('ready', () => this.#resync());
  }

  /** Listens to a channel. Resolves once Redis has confirmed; nothing published before that is certain. */
  async listen(channel: string, listener: Listener): Promise<void> {
    const known = this.#listeners.get(channel);
    if (known) {
      known.add(listener);
    } else {
      this.#listeners.set(channel, new Set([listener]));
    }
    await this.#redis.subscribe(channel);
  }

  unlisten(channel: string, listener: Listener): void {
    const listeners = this.#listeners.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    this.#listeners.delete(channel);
    if (this.#deserted.size === 0) setTimeout(() => this.#unsubscribe(), GATHER).unref();
    this.#deserted.add(channel);
  }

  #unsubscribe(): void {
    const channels = [...this.#deserted].filter((channel) => !this.#listeners.has(channel));
    this.#deserted.clear();
    if (channels.length === 0) return;
    this.#redis.unsubscribe(...channels).catch((error: unknown) => {
      this.#logger.debug({ err: error }, 'unsubscribe failed; the next connection starts without it');
    });
  }

  #resync(): void {
    for (const channel of this.#listeners.keys()) this.hear(channel, RESYNC);
  }

  /** Hands a message to whoever listens to its channel. */
  hear(channel: string, message: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener(message);
  }
}

/** Takes an announcement apart without touching its payload. */
export function parseAnnouncement(message: string): Announcement {
  const afterPrevious = message.indexOf(' ');
  const afterId = message.indexOf(' ', afterPrevious + 1);
  const afterKind = message.indexOf(' ', afterId + 1);
  return {
    previous: message.slice(0, afterPrevious),
    id: message.slice(afterPrevious + 1, afterId),
    kind: message.slice(afterId + 1, afterKind),
    payload: message.slice(afterKind + 1),
  };
}
