import { DUE_NOW, type JobIndex } from '../job-index.ts';
import { keys } from '../keys.ts';
import type { ScriptedRedis } from '../redis.ts';

/** Ms that one who was handed a task has for it, before it is handed to another. */
const LEASE = 60_000;
/**
 * Ms after a deletion at which it is repeated. Whoever was archiving the job meanwhile has put his document back by then,
 * or will never do so.
 */
const REPEAT_DELETION = 10 * LEASE;

const FORGET = 'forget:';

/** Something to do for the archive, handed out until `lease` (unix ms). */
export interface ArchiveTask {
  /** `keep`: write the document of a settled job. `forget`: make sure that a deleted one has none. */
  readonly kind: 'keep' | 'forget';
  readonly jobId: string;
  readonly lease: number;
}

/** What the archive has to do: a sorted set of jobs, and of deletions, by the time at which they are due. */
export class ArchiveTasks {
  readonly #redis: ScriptedRedis;
  readonly #index: JobIndex;

  constructor(redis: ScriptedRedis, index: JobIndex) {
    this.#redis = redis;
    this.#index = index;
  }

  /** Up to `count` tasks that are due, each handed to one caller; unless `done`, they fall due again. */
  async take(count: number): Promise<ArchiveTask[]> {
    const now = Date.now();
    const lease = now + LEASE;
    const members = await this.#redis.sluiceTakeDue(keys.archive, now, lease, count);
    return members.map((member) =>
      member.startsWith(FORGET)
        ? { kind: 'forget', jobId: member.slice(FORGET.length), lease }
        : { kind: 'keep', jobId: member, lease },
    );
  }

  /** The task is done; one that came up again since it was taken stays. */
  async done(task: ArchiveTask): Promise<void> {
    await this.#redis.sluiceDropDue(keys.archive, memberOf(task), task.lease);
  }

  /** The task was not done, and falls due again at `due` (unix ms). */
  again(task: ArchiveTask, due: number): Promise<void> {
    return this.#index.archiveAt(memberOf(task), due);
  }

  /** A settled job is to be archived, also if somebody is archiving it as it was before. */
  keep(jobId: string): Promise<void> {
    return this.#index.archiveAt(jobId, DUE_NOW);
  }

  /** A job is being deleted; for a while {@link isForgotten} knows. */
  forget(jobId: string): Promise<void> {
    return this.#index.archiveAt(FORGET + jobId, Date.now() + REPEAT_DELETION);
  }

  async isForgotten(jobId: string): Promise<boolean> {
    return (await this.#redis.zscore(keys.archive, FORGET + jobId)) !== null;
  }

  /** How many jobs wait to be archived, and deletions to be repeated. */
  async count(): Promise<number> {
    return this.#redis.zcard(keys.archive);
  }
}

function memberOf({ kind, jobId }: ArchiveTask): string {
  return kind === 'forget' ? FORGET + jobId : jobId;
}
