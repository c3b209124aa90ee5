import { afterAll, beforeAll } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import { DigestBuilder } from '../../src/core/digest.ts';
import { SluiceError } from '../../src/core/errors.ts';
import { Fold } from '../../src/core/fold.ts';
import { identityOf, type JobSpec, type TerminalStatus } from '../../src/core/job.ts';
import { newJobId } from '../../src/core/job-id.ts';
import type { Offset } from '../../src/core/offset.ts';
import { createLogger } from '../../src/log.ts';
import type { Archive } from '../../src/store/archive/archive.ts';
import { DiskArchive } from '../../src/store/archive/disk-archive.ts';
import type { ClaimTerms, ReleaseTerms, SettleReply, SettleTerms } from '../../src/store/attempt-store.ts';
import { keys } from '../../src/store/keys.ts';
import type { LineRecords } from '../../src/store/line-records.ts';
import { LocalAnnouncements } from '../../src/store/local-announcements.ts';
import type { Retention } from '../../src/store/retention.ts';
import { Store } from '../../src/store/store.ts';
import { startRedis, type TestRedis } from './redis-server.ts';

export const RETENTION: Retention = { jobTimeout: 600, resultTtl: 1000, logTtl: 500, storedTtl: 5000 };

/** Nothing can be written there, and there is nothing to read. */
const NO_ARCHIVE = new DiskArchive('/proc/none');

/** No batch has gathered anything. */
const NO_LINES: LineRecords = { record: async () => null };

/** A store as a worker has it. Tests whose jobs are not stored need no archive. */
export function openStore(
  url: string,
  retention: Retention = RETENTION,
  archive: Archive = NO_ARCHIVE,
): Promise<Store> {
  const logger = createLogger('silent');
  return Store.open(url, {
    purpose: 'work',
    retention,
    logger,
    announcements: new LocalAnnouncements(),
    archive,
    lines: () => NO_LINES,
  });
}

/** A store for all tests of a file, on a Redis of its own. Not there before the first of them. */
export interface SharedStore {
  readonly store: Store;
  /** Another one, as another process has it. */
  readonly reader: Store;
  readonly redis: TestRedis;
}

export function sharedStore(): SharedStore {
  let running: SharedStore | undefined;
  beforeAll(async () => {
    const redis = await startRedis();
    const open = (): Promise<Store> => openStore(redis.connectionUrl);
    running = { redis, store: await open(), reader: await open() };
  });
  afterAll(async () => {
    await running?.store.close();
    await running?.reader.close();
    await running?.redis.stop();
  });
  const get = (): SharedStore => {
    if (running === undefined) throw new Error('The store is there once the tests run.');
    return running;
  };
  return {
    get store() {
      return get().store;
    },
    get reader() {
      return get().reader;
    },
    get redis() {
      return get().redis;
    },
  };
}

/** Everything that Redis holds of a job. */
export async function stored(store: Store, jobId: string): Promise<{ log: unknown; record: unknown }> {
  const log = await store.redis.xrange(keys.log(jobId), '-', '+');
  return { log, record: await store.redis.hgetall(keys.record(jobId)) };
}

export function jobSpec(changes: Partial<JobSpec> = {}): JobSpec {
  const now = Date.now();
  return {
    id: newJobId(),
    batchId: null,
    webhook: null,
    url: '/v1/chat/completions',
    model: 'scripted/echo',
    group: 'scripted/*',
    request: { model: 'scripted/echo', messages: [{ role: 'user', content: 'go' }] },
    echo: null,
    stored: false,
    customId: null,
    metadata: null,
    priority: 0,
    createdAt: now,
    notBefore: now,
    deadline: now + 600_000,
    ...changes,
  };
}

/** Creates a job without a ticket: no worker comes for it. */
export async function createJob(store: Store, changes: Partial<JobSpec> = {}): Promise<string> {
  const spec = jobSpec(changes);
  const { listed } = await store.jobs.create(spec);
  await listed;
  return spec.id;
}

export const CLAIM: ClaimTerms = { provider: 'scripted', model: 'echo', worker: 'test', maxLostAttempts: 2 };

/** Claims a job that can be claimed; the epoch of the attempt. */
export async function claim(store: Store, jobId: string): Promise<number> {
  const claimed = await store.attempts.claim(jobId, CLAIM);
  if (claimed.kind !== 'claimed') throw new Error(`the claim met: ${claimed.kind}`);
  return claimed.epoch;
}

const CANCELLED = new SluiceError('job_cancelled', 'The job was cancelled.').body;
export const FAILED = new SluiceError('upstream_error', 'The provider failed.').body;

/** What settles a job whose attempt wrote `written` up to `previous`, and has `tail` left. */
export function settlement(
  jobId: string,
  previous: Offset,
  written: readonly Delta[],
  changes: Partial<SettleTerms> & { readonly status?: TerminalStatus } = {},
): SettleTerms {
  const { status = 'completed', tail = [], ...others } = changes;
  const [fold, digest] = [new Fold(), new DigestBuilder()];
  for (const delta of [...written, ...tail]) {
    fold.add(delta);
    digest.add(delta);
  }
  const error = status === 'cancelled' ? CANCELLED : status === 'completed' ? null : FAILED;
  return {
    epoch: previous.epoch,
    previous,
    tail,
    attempt: { status, error, usage: fold.usage, cost: null },
    outcome: {
      status,
      usage: fold.usage,
      finish_reason: fold.finishReason,
      error,
      digest: digest.digest(),
    },
    result: fold.completion(identityOf({ id: jobId, createdAt: 1000, model: 'scripted/echo' })),
    ...others,
  };
}

export function release(epoch: number, changes: Partial<ReleaseTerms> = {}): ReleaseTerms {
  return { epoch, error: FAILED, status: 'failed', usage: null, cost: null, at: Date.now(), ...changes };
}

export function text(...pieces: string[]): Delta[] {
  return pieces.map((piece) => ({ type: 'text', choice: 0, text: piece }));
}

export const offset = (epoch: number, seq: number): Offset => ({ epoch, seq });

export const DELTAS = text('a', 'b', 'c');

/** A job in progress whose log ends with the deltas a, b and c, in two entries, at 1-3. */
export async function runningJob(store: Store): Promise<string> {
  const id = await createJob(store);
  await appendAll(store, id, await claim(store, id), DELTAS, [1, 2]);
  return id;
}

/** Settles a job as {@link runningJob} leaves it. */
export async function settleRunning(
  store: Store,
  jobId: string,
  status: TerminalStatus,
  changes: Partial<SettleTerms> = {},
): Promise<SettleReply> {
  return store.attempts.settle(jobId, settlement(jobId, offset(1, 3), DELTAS, { status, ...changes }));
}

/** Writes an attempt's deltas in entries of these sizes; the offset of the last one. */
export async function appendAll(
  store: Store,
  jobId: string,
  epoch: number,
  deltas: readonly Delta[],
  sizes: readonly number[],
): Promise<Offset> {
  let previous: Offset = { epoch, seq: 0 };
  for (let turn = 0; previous.seq < deltas.length; turn += 1) {
    const batch = deltas.slice(previous.seq, previous.seq + (sizes[turn % sizes.length] ?? 1));
    const at = { epoch, seq: previous.seq + batch.length };
    const reply = await store.log.append(jobId, previous, at, batch);
    if (reply !== 'written') throw new Error(`the append met: ${reply}`);
    previous = at;
  }
  return previous;
}
