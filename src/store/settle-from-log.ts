import type { Usage } from '../core/completion.ts';
import { DigestBuilder } from '../core/digest.ts';
import type { ErrorBody } from '../core/errors.ts';
import { Fold } from '../core/fold.ts';
import { type AttemptEnding, identityOf, isTerminal, type Job, type TerminalStatus } from '../core/job.ts';
import { type Offset, ORIGIN } from '../core/offset.ts';
import { type Streaming, settlementOf } from '../core/settlement.ts';
import type { AttemptStore, SettleReply } from './attempt-store.ts';
import type { DeltaLog } from './delta-log.ts';
import type { JobStore } from './job-store.ts';

export interface Stores {
  readonly jobs: JobStore;
  readonly attempts: AttemptStore;
  readonly log: DeltaLog;
}

/**
 * Settles a job that no attempt of this process holds: cancelled or expired in the queue, or abandoned by
 * its worker. The log says what it had produced; that stays its (partial) result. Null: no such job.
 */
export async function settleFromLog(
  stores: Stores,
  jobId: string,
  status: Exclude<TerminalStatus, 'completed'>,
  error: ErrorBody,
): Promise<SettleReply | null> {
  for (;;) {
    const job = await stores.jobs.get(jobId);
    if (job === null) return null;
    if (isTerminal(job.status)) return 'settled_before';
    const partial = await readLastAttempt(stores.log, job);
    const reply = await stores.attempts.settle(jobId, {
      epoch: job.epoch,
      previous: partial.last,
      tail: [],
      attempt: job.status === 'in_progress' ? ending(status, error, partial.fold.usage) : null,
      ...settlementOf(identityOf(job), status, error, partial),
    });
    // The worker wrote, or another attempt began, after the log was read.
    if (reply !== 'moved' && reply !== 'fenced') return reply;
  }
}

/** The fold of a running job's current attempt: what `?partial=true` shows. */
export async function foldLastAttempt(log: DeltaLog, job: Job): Promise<Fold> {
  return (await readLastAttempt(log, job)).fold;
}

async function readLastAttempt(log: DeltaLog, job: Job): Promise<Streaming & { last: Offset }> {
  let fold = new Fold();
  let digest = new DigestBuilder();
  let last = ORIGIN;
  for await (const entry of log.readAll(job.id)) {
    last = entry.offset;
    if (entry.kind === 'attempt') {
      fold = new Fold();
      digest = new DigestBuilder();
    } else if (entry.kind === 'deltas') {
      for (const delta of entry.deltas) {
        fold.add(delta);
        digest.add(delta);
      }
    }
  }
  return { fold, digest, last };
}

/** What the attempt cost is unknown: it was billed to the end that only its worker saw. */
function ending(
  status: 'failed' | 'cancelled' | 'expired',
  error: ErrorBody,
  usage: Usage | null,
): AttemptEnding {
  return { status: status === 'failed' ? 'lost' : status, error, usage, cost: null };
}
