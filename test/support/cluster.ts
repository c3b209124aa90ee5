import { Redis } from 'ioredis';
import { keys } from '../../src/store/keys.ts';
import { type Answer, call } from './api-client.ts';
import { eventually } from './eventually.ts';
import { type JobEvent, JobReader } from './job-reader.ts';
import { startRedis, type TestRedis, type TestRedisOptions } from './redis-server.ts';
import { type SluiceOptions, type SluiceProcess, startSluice } from './sluice-process.ts';

/** An entry of a job's log as Redis holds it, past every layer of Sluice. */
export interface StoredEntry {
  readonly id: string;
  readonly epoch: number;
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what is stored, whatever it is
  readonly payload: any;
}

/** An attempt as the record holds it: what the API shows of it, in milliseconds, and which worker ran it. */
export interface StoredAttempt {
  readonly epoch: number;
  /** `<hostname>-<pid>` */
  readonly worker: string;
  readonly startedAt: number;
  readonly finishedAt?: number;
  readonly status?: string;
}

/** A job with a client that follows it. */
export interface Followed {
  readonly id: string;
  readonly reader: JobReader;
  /** The terminal event; rejects at the first event that breaks the contract. */
  readonly end: Promise<JobEvent>;
}

/** Several Sluice processes, of one configuration, on one Redis that keeps an append-only file. */
export class Cluster {
  readonly redis: TestRedis;
  /** Looks into Redis directly. */
  readonly client: Redis;
  readonly #config: string | undefined;
  readonly #processes: SluiceProcess[] = [];
  readonly #disposed = new AbortController();

  private constructor(redis: TestRedis, config: object | undefined) {
    this.redis = redis;
    this.client = new Redis(redis.connectionUrl);
    // It reconnects by itself where the test ends the server.
    this.client.on('error', () => {});
    // JSON is YAML.
    this.#config = config && JSON.stringify(config);
  }

  /** `config`: the configuration file of every process; absent: Sluice's defaults, which have `scripted/*`. */
  static async start(config?: object, redis: TestRedisOptions = {}): Promise<Cluster> {
    return new Cluster(await startRedis({ ...redis, aof: true }), config);
  }

  async run(role?: SluiceOptions['role'], options: SluiceOptions = {}): Promise<SluiceProcess> {
    const process = await startSluice({
      redisUrl: this.redis.connectionUrl,
      ...(role && { role }),
      ...(this.#config !== undefined && { config: this.#config }),
      ...options,
    });
    this.#processes.push(process);
    return process;
  }

  /** Follows a job through one API process until it settles. */
  follow(base: string, id: string): Followed {
    const reader = new JobReader(base, id);
    const end = reader.follow({ signal: this.#disposed.signal });
    // A test that fails before it waits for the end shall report its own failure.
    end.catch(() => {});
    return { id, reader, end };
  }

  /** The whole log of a job. */
  async log(jobId: string): Promise<StoredEntry[]> {
    const rows = await this.client.xrange(keys.log(jobId), '-', '+');
    return rows.map(([id, [kind = '', payload = 'null']]) => {
      return { id, epoch: Number(id.split('-')[0]), kind, payload: JSON.parse(payload) };
    });
  }

  /** The attempts in a job's record. */
  async attempts(jobId: string): Promise<StoredAttempt[]> {
    const record = await this.client.hgetall(keys.record(jobId));
    const attempts: StoredAttempt[] = [];
    for (let epoch = 1; epoch <= Number(record.epoch); epoch += 1) {
      const ending = record[`attempt:${epoch}:end`] ?? '{}';
      attempts.push({ ...JSON.parse(record[`attempt:${epoch}`] ?? '{}'), ...JSON.parse(ending) });
    }
    return attempts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    await Promise.all(this.#processes.map((process) => process[Symbol.asyncDispose]()));
    this.client.disconnect();
    await this.redis.stop();
  }
}

/** The text of stored entries' deltas, joined. */
export function textOf(entries: readonly StoredEntry[]): string {
  return entries
    .filter(({ kind }) => kind === 'deltas')
    .flatMap(({ payload }) => payload)
    .map((delta) => (typeof delta === 'string' ? delta : (delta.text ?? '')))
    .join('');
}

/** The object of a job. */
export async function getJob(base: string, jobId: string): Promise<Answer['body']> {
  return (await call('GET', `${base}/v1/jobs/${jobId}`)).body;
}

/** Waits until a job has settled; its object. */
export function settled(base: string, jobId: string, within = 30_000): Promise<Answer['body']> {
  const find = async (): Promise<Answer['body'] | null> => {
    const job = await getJob(base, jobId);
    return ['queued', 'in_progress'].includes(job.status) ? null : job;
  };
  return eventually(`job ${jobId} to settle`, find, { within });
}

/** How often an entry of this kind stands in a log. */
export function count(entries: readonly StoredEntry[], kind: string): number {
  return entries.filter((entry) => entry.kind === kind).length;
}
