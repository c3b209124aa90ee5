import { type Delta, encodeDeltas } from '../core/delta.ts';
import type { ErrorBody } from '../core/errors.ts';
import type { AttemptEnding, JobRequest, Settlement } from '../core/job.ts';
import { formatOffset, type Offset } from '../core/offset.ts';
import { unixSeconds } from '../core/unix-time.ts';
import type { JobIndex } from './job-index.ts';
import { keys } from './keys.ts';
import type { LocalAnnouncements } from './local-announcements.ts';
import type { ScriptedRedis } from './redis.ts';
import type { Retention } from './retention.ts';

/** What a claim met. Only `claimed` permits a call to the provider. */
export type Claim =
  | { readonly kind: 'missing' | 'settled' }
  | { readonly kind: 'cancelled' | 'expired' | 'poisoned'; readonly epoch: number }
  | { readonly kind: 'early'; readonly at: number }
  | ClaimedAttempt;

export interface ClaimedAttempt {
  readonly kind: 'claimed';
  readonly epoch: number;
  /** Attempts of this job that have failed so far. */
  readonly failures: number;
  readonly request: JobRequest;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly deadline: number;
  /** The model that the client asked for. */
  readonly model: string;
}

export interface ClaimTerms {
  readonly provider: string;
  readonly model: string;
  readonly worker: string;
  readonly maxLostAttempts: number;
}

/** What a settlement met. `moved`: the log has entries that the caller did not know; read it and try again. */
export type SettleReply = 'settled' | 'settled_before' | 'fenced' | 'cancelled' | 'moved';

/** The reply of the script for a job that it settled, and what it adds for what the job is. */
const SETTLED = 16;
const STORED = 1;
const WEBHOOK = 2;
const LINE = 4;

const SETTLE_REPLIES: Record<number, SettleReply> = {
  2: 'settled_before',
  0: 'fenced',
  [-1]: 'cancelled',
  [-2]: 'moved',
};

export interface SettleTerms extends Settlement {
  readonly epoch: number;
  /** The last entry of the log, as the caller knows it. */
  readonly previous: Offset;
  /** Deltas that are not in the log yet. */
  readonly tail: readonly Delta[];
  /** How the open attempt ended; null if none is open. */
  readonly attempt: AttemptEnding | null;
}

export interface ReleaseTerms extends AttemptEnding {
  readonly epoch: number;
  readonly error: ErrorBody;
  readonly status: 'failed' | 'handed_over';
  /** Unix milliseconds before which the next attempt must not begin. */
  readonly at: number;
}

/** What attempts do to a job: claim it, then settle or release it. Each is one atomic script. */
export class AttemptStore {
  readonly #redis: ScriptedRedis;
  readonly #index: JobIndex;
  readonly #announcements: LocalAnnouncements;
  readonly #retention: Retention;

  constructor(
    redis: ScriptedRedis,
    index: JobIndex,
    announcements: LocalAnnouncements,
    retention: Retention,
  ) {
    this.#redis = redis;
    this.#index = index;
    this.#announcements = announcements;
    this.#retention = retention;
  }

  async claim(jobId: string, terms: ClaimTerms): Promise<Claim> {
    const [kind, ...rest] = await this.#redis.sluiceClaim(
      keys.record(jobId),
      keys.log(jobId),
      Date.now(),
      JSON.stringify(terms.provider),
      JSON.stringify(terms.model),
      JSON.stringify(terms.worker),
      terms.maxLostAttempts,
    );
    switch (kind) {
      case 'missing':
      case 'settled':
        return { kind };
      case 'cancelled':
      case 'expired':
      case 'poisoned':
        return { kind, epoch: Number(rest[0]) };
      case 'early':
        return { kind, at: Number(rest[0]) };
      default:
        return {
          kind: 'claimed',
          epoch: Number(rest[0]),
          failures: Number(rest[1]),
          request: JSON.parse(String(rest[2])) as JobRequest,
          createdAt: Number(rest[3]),
          deadline: Number(rest[4]),
          model: String(rest[5]),
        };
    }
  }

  async settle(jobId: string, terms: SettleTerms): Promise<SettleReply> {
    const { epoch, previous, tail, outcome, result, attempt } = terms;
    const now = Date.now();
    const first = previous.epoch === epoch ? previous.seq + 1 : 1;
    const last = tail.length > 0 ? { epoch, seq: first + tail.length - 1 } : previous;
    const deltas = tail.length > 0 ? encodeDeltas(tail) : '';
    const ending = JSON.stringify({ ...outcome, finished_at: unixSeconds(now) });
    const reply = await this.#redis.sluiceSettle(
      keys.record(jobId),
      keys.log(jobId),
      epoch,
      formatOffset(previous),
      deltas,
      formatOffset(last),
      outcome.status,
      ending,
      result === null ? '' : JSON.stringify(result),
      attempt === null ? '' : JSON.stringify({ finishedAt: now, ...attempt }),
      now,
      this.#retention.resultTtl,
      this.#retention.logTtl,
      this.#retention.storedTtl,
    );
    if (reply >= SETTLED) {
      if (deltas !== '') this.#announcements.publish(jobId, previous, last, 'deltas', deltas);
      this.#announcements.publish(jobId, last, { epoch, seq: last.seq + 1 }, 'end', ending);
      // A listing that lags is put right when somebody looks after the job; the settlement stands.
      const kind = {
        stored: (reply & STORED) !== 0,
        webhook: (reply & WEBHOOK) !== 0,
        line: (reply & LINE) !== 0,
      };
      this.#index.settled(jobId, outcome.status, kind).catch(() => {});
      return 'settled';
    }
    return SETTLE_REPLIES[reply] ?? 'fenced';
  }

  /** Gives the job back to the queue. `cancelled`: settle it instead. */
  async release(jobId: string, terms: ReleaseTerms): Promise<'released' | 'fenced' | 'cancelled'> {
    const { epoch, at, error, status, usage, cost } = terms;
    const reply = await this.#redis.sluiceRelease(
      keys.record(jobId),
      keys.log(jobId),
      epoch,
      JSON.stringify({ epoch, error, at: Math.ceil(at / 1000) }),
      JSON.stringify({ finishedAt: Date.now(), status, error, usage, cost }),
      status === 'failed' ? 1 : 0,
      at,
    );
    return reply === 1 ? 'released' : reply === -1 ? 'cancelled' : 'fenced';
  }
}
