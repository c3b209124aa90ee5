import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** Ms without a heartbeat after which a worker counts as gone. */
const PRESUMED_DEAD = 10_000;

/** Which worker processes are alive, by their heartbeats. */
export class WorkerRegistry {
  readonly #redis: ScriptedRedis;

  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  async beat(workerId: string): Promise<void> {
    const now = Date.now();
    await this.#redis
      .pipeline()
      .zadd(keys.workers, now, workerId)
      .zremrangebyscore(keys.workers, '-inf', now - PRESUMED_DEAD)
      .exec();
  }

  async leave(workerId: string): Promise<void> {
    await this.#redis.zrem(keys.workers, workerId);
  }

  /** How many worker processes have given a sign of life in the last ten seconds. */
  async alive(): Promise<number> {
    return this.#redis.zcount(keys.workers, Date.now() - PRESUMED_DEAD, '+inf');
  }
}
