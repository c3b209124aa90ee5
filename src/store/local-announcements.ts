import type { Offset } from '../core/offset.ts';
import { formatOffset } from '../core/offset.ts';
import { keys } from './keys.ts';

/** Takes the announcements of a channel; see `live.ts`. */
export interface Hearer {
  hear(channel: string, message: string): void;
}

/**
 * Announcements inside a process: where API and worker share one, a reader need not wait for Redis to bring
 * back what Redis has just confirmed. The same announcement still comes over pub/sub, and is dropped there
 * by its offset.
 */
export class LocalAnnouncements {
  readonly #hearers: Hearer[] = [];

  join(hearer: Hearer): void {
    this.#hearers.push(hearer);
  }

  /** Announces an entry that Redis has confirmed; `payload` as the log holds it. */
  publish(jobId: string, previous: Offset, at: Offset, kind: 'deltas' | 'end', payload: string): void {
    const message = `${formatOffset(previous)} ${formatOffset(at)} ${kind} ${payload}`;
    for (const hearer of this.#hearers) hearer.hear(keys.live(jobId), message);
  }
}
