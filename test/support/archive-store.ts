import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { JobSpec } from '../../src/core/job.ts';
import { jobTime } from '../../src/core/job-id.ts';
import { createLogger } from '../../src/log.ts';
import type { RecordFields } from '../../src/store/archive/archive.ts';
import { DiskArchive } from '../../src/store/archive/disk-archive.ts';
import { keys } from '../../src/store/keys.ts';
import type { Store } from '../../src/store/store.ts';
import { Archiver } from '../../src/worker/archiver.ts';
import { eventually } from './eventually.ts';
import { startRedis, type TestRedis } from './redis-server.ts';
import { appendAll, claim, createJob, DELTAS, openStore, settleRunning } from './stores.ts';

type Moment = (jobId: string) => unknown;

/** An archive on disk at which a test can let something happen, at the worst of moments. */
export class WatchedArchive extends DiskArchive {
  /** Called once, before or after the next document is written. */
  before: Moment | null = null;
  after: Moment | null = null;

  override async write(jobId: string, record: RecordFields): Promise<void> {
    const { before, after } = this;
    this.before = null;
    this.after = null;
    await before?.(jobId);
    await super.write(jobId, record);
    await after?.(jobId);
  }
}

/** A store with an archive and an archiver, for all tests of a file. Not there before the first of them. */
export function archiveStore() {
  let redis: TestRedis;
  let folder: string;
  let store: Store;
  let archive: WatchedArchive;
  let archiver: Archiver;
  beforeAll(async () => {
    redis = await startRedis();
    folder = await mkdtemp(join(tmpdir(), 'sluice-archive-'));
    archive = new WatchedArchive(join(folder, 'archive'));
    store = await openStore(redis.connectionUrl, undefined, archive);
    archiver = new Archiver(store, createLogger('silent'));
  });
  afterAll(async () => {
    await store.close();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    get store() {
      return store;
    },
    get archive() {
      return archive;
    },
    get archiver() {
      return archiver;
    },
    get folder() {
      return folder;
    },
    /** A stored job that has settled and whose turn to be archived has come. */
    settledJob: (changes: Partial<JobSpec> = {}) => settledJob(store, { stored: true, ...changes }),
    /** Ends the life of a record at once. */
    expire: async (jobId: string): Promise<void> => {
      await store.redis.pexpire(keys.record(jobId), 1);
      await eventually(
        'the record to expire',
        async () => (await store.redis.exists(keys.record(jobId))) === 0,
      );
    },
    /** Seconds that a record lives on. */
    life: (jobId: string): Promise<number> => store.redis.ttl(keys.record(jobId)),
    /** What stands in the list of the archive's tasks, and when it is due. */
    tasks: async (): Promise<Record<string, number>> => {
      const flat = await store.redis.zrange(keys.archive, '0', '-1', 'WITHSCORES');
      const pairs = flat.flatMap((member, at) =>
        at % 2 === 0 ? [[member, Number(flat[at + 1])] as const] : [],
      );
      return Object.fromEntries(pairs);
    },
    /** Lets everything that is handed out, or due later, fall due. */
    hurry: async (): Promise<void> => {
      for (const member of await store.redis.zrange(keys.archive, '0', '-1')) {
        await store.redis.zadd(keys.archive, 'XX', 0, member);
      }
    },
    /** The document of a job, as the file has it; null if there is none. */
    document: (jobId: string): Promise<RecordFields | null> => readDocument(join(folder, 'archive'), jobId),
  };
}

async function settledJob(store: Store, changes: Partial<JobSpec>): Promise<string> {
  const id = await createJob(store, changes);
  await appendAll(store, id, await claim(store, id), DELTAS, [1, 2]);
  await settleRunning(store, id, 'completed');
  await eventually('the job to be listed', async () =>
    (await store.jobs.index.page('completed', null, 100)).includes(id),
  );
  return id;
}

/** The document of a job in an archive on disk, past every layer of Sluice; null if there is none. */
export async function readDocument(folder: string, jobId: string): Promise<RecordFields | null> {
  const day = new Date(jobTime(jobId)).toISOString().slice(0, 10);
  const text = await readFile(join(folder, day, `${jobId}.json`), 'utf8').catch(() => null);
  return text === null ? null : JSON.parse(text);
}
