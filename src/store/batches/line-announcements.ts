import { lineOf } from '../../core/batch-id.ts';
import { keys } from '../keys.ts';
import type { ScriptedRedis } from '../redis.ts';

/** Ms that announcements gather. */
const GATHER = 5;

const LINES = 'lines ';

/** Tells the feeders of batches which lines have settled. Who misses it finds them by looking. */
export class LineAnnouncements {
  readonly #redis: ScriptedRedis;
  readonly #settled = new Map<string, number[]>();

  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  announce(jobId: string): void {
    const { batchId, line } = lineOf(jobId);
    if (this.#settled.size === 0) setTimeout(() => this.#publish(), GATHER).unref();
    const lines = this.#settled.get(batchId);
    if (lines === undefined) this.#settled.set(batchId, [line]);
    else lines.push(line);
  }

  #publish(): void {
    for (const [batchId, lines] of this.#settled) {
      this.#redis.publish(keys.batchLive(batchId), LINES + lines.join(' ')).catch(() => {});
    }
    this.#settled.clear();
  }
}

/** The lines that a message of a batch's channel announces; none for other messages. */
export function announcedLines(message: string): number[] {
  return message.startsWith(LINES) ? message.slice(LINES.length).split(' ').map(Number) : [];
}
