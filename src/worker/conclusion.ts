import { type ErrorBody, SluiceError } from '../core/errors.ts';
import type { Interruption } from '../core/interruption.ts';
import { identityOf, type TerminalStatus } from '../core/job.ts';
import { JOB_CANCELLED, JOB_EXPIRED, OUTPUT_TOO_LARGE, settlementOf } from '../core/settlement.ts';
import type { RunEnd, Ticket } from '../queue/consumer.ts';
import { nextAttemptIn } from '../routing/retry-delay.ts';
import type { Claim, ClaimedAttempt } from '../store/attempt-store.ts';
import { settleFromLog } from '../store/settle-from-log.ts';
import type { Billed } from './billing.ts';
import type { AttemptContext, RunnerParts } from './runner-parts.ts';

const DONE: RunEnd = { kind: 'done' };

const POISONED = new SluiceError(
  'attempts_lost',
  'The job was given up: too many of its attempts ended with the death of their worker.',
).body;
const DRAINING = new SluiceError(
  'worker_draining',
  'The worker is shutting down; the job goes on elsewhere.',
);
const LOG_FAILED = new SluiceError('storage_unavailable', 'The log could not be written.');

/** Why a job is to have another attempt, and in how many ms. */
interface Release {
  readonly error: SluiceError;
  readonly status: 'failed' | 'handed_over';
  readonly delay: number;
}

/** What follows from how an attempt ended: settle the job, release it for another attempt, or let go of it. */
export class Conclusion {
  readonly #parts: RunnerParts;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** For a job that could not be claimed. */
  async withoutAttempt(ticket: Ticket, claim: Exclude<Claim, ClaimedAttempt>): Promise<RunEnd> {
    switch (claim.kind) {
      case 'early':
        return { kind: 'later', at: claim.at };
      case 'cancelled':
        return this.#settleUnclaimed(ticket, 'cancelled', JOB_CANCELLED);
      case 'expired':
        return this.#settleUnclaimed(ticket, 'expired', JOB_EXPIRED);
      case 'poisoned':
        return this.#settleUnclaimed(ticket, 'failed', POISONED);
      default:
        return DONE;
    }
  }

  /** For an attempt that ran. `again`: claim the job once more, now. */
  async of(context: AttemptContext, ran: Billed): Promise<RunEnd | 'again'> {
    const { end } = ran;
    switch (end.kind) {
      case 'finished':
        return this.#settle(context, ran, 'completed', null);
      case 'failed':
        return this.#failed(context, ran, end.error);
      case 'interrupted':
        return this.#interrupted(context, ran, end.interruption);
    }
  }

  async #interrupted(
    context: AttemptContext,
    ran: Billed,
    interruption: Interruption,
  ): Promise<RunEnd | 'again'> {
    switch (interruption.reason) {
      case 'cancelled':
        return this.#settle(context, ran, 'cancelled', JOB_CANCELLED);
      case 'expired':
        return this.#settle(context, ran, 'expired', JOB_EXPIRED);
      case 'draining':
        return this.#release(context, ran, { error: DRAINING, status: 'handed_over', delay: 0 });
      case 'log_failed':
        return this.#failed(context, ran, LOG_FAILED);
      case 'output_too_large':
        return this.#failed(context, ran, OUTPUT_TOO_LARGE);
      case 'ticket_lost':
      case 'fenced':
        // The job belongs to another attempt, or will: nothing that this one could write is wanted.
        this.#letGo(context, interruption.reason);
        return DONE;
    }
  }

  async #failed(context: AttemptContext, ran: Billed, error: SluiceError): Promise<RunEnd | 'again'> {
    const { ticket, claim, route } = context;
    this.#parts.metrics.providerErrors.inc({ provider: route.deployment.provider, code: error.code });
    if (error.code === 'internal_error') {
      this.#parts.logger.error(
        { jobId: ticket.jobId, epoch: claim.epoch, err: error.cause },
        'attempt failed',
      );
    }
    const delay = nextAttemptIn(this.#parts.retries, claim.failures + 1, error, context.another);
    if (delay === null) return this.#settle(context, ran, 'failed', error.body);
    return this.#release(context, ran, { error, status: 'failed', delay });
  }

  async #settle(
    context: AttemptContext,
    ran: Billed,
    status: TerminalStatus,
    error: ErrorBody | null,
  ): Promise<RunEnd | 'again'> {
    const { ticket, claim } = context;
    const identity = identityOf({ ...claim, id: ticket.jobId });
    const reply = await this.#parts.store.attempts.settle(ticket.jobId, {
      epoch: claim.epoch,
      previous: ran.last,
      tail: ran.tail,
      attempt: { status, error, ...ran.bill },
      ...settlementOf(identity, status, error, ran, ran.bill.usage),
    });
    switch (reply) {
      case 'settled':
        this.#settled(ticket, claim.epoch, status, error);
        return DONE;
      case 'cancelled':
        return this.#settle(context, ran, 'cancelled', JOB_CANCELLED);
      case 'moved':
        // Redis lost entries that it had acknowledged: the log no longer holds what the readers saw.
        return this.#failed(context, ran, LOG_FAILED);
      default:
        this.#letGo(context, reply);
        return DONE;
    }
  }

  async #release(
    context: AttemptContext,
    ran: Billed,
    { error, status, delay }: Release,
  ): Promise<RunEnd | 'again'> {
    const { ticket, claim, another } = context;
    const at = Date.now() + delay;
    const terms = { epoch: claim.epoch, at, status, error: error.body, ...ran.bill };
    const reply = await this.#parts.store.attempts.release(ticket.jobId, terms);
    if (reply === 'cancelled') return this.#settle(context, ran, 'cancelled', JOB_CANCELLED);
    if (reply === 'fenced') {
      this.#letGo(context, reply);
      return DONE;
    }
    this.#parts.metrics.attempts.inc({ group: ticket.group, status });
    this.#parts.logger.info(
      { jobId: ticket.jobId, epoch: claim.epoch, reason: status, code: error.code, delay },
      'job queued',
    );
    if (status === 'handed_over') return { kind: 'hand_over' };
    return another ? 'again' : { kind: 'later', at };
  }

  async #settleUnclaimed(
    ticket: Ticket,
    status: 'cancelled' | 'expired' | 'failed',
    error: ErrorBody,
  ): Promise<RunEnd> {
    const reply = await settleFromLog(this.#parts.store, ticket.jobId, status, error);
    if (reply === 'settled') this.#settled(ticket, null, status, error);
    if (reply === 'cancelled') return this.#settleUnclaimed(ticket, 'cancelled', JOB_CANCELLED);
    return DONE;
  }

  #settled(ticket: Ticket, epoch: number | null, status: TerminalStatus, error: ErrorBody | null): void {
    const { metrics, logger } = this.#parts;
    metrics.jobsSettled.inc({ group: ticket.group, status });
    if (epoch !== null) metrics.attempts.inc({ group: ticket.group, status });
    logger.info({ jobId: ticket.jobId, epoch, code: error?.code }, `job ${status}`);
  }

  #letGo(context: AttemptContext, reason: string): void {
    const { ticket, claim } = context;
    this.#parts.metrics.attempts.inc({ group: ticket.group, status: 'lost' });
    this.#parts.logger.info({ jobId: ticket.jobId, epoch: claim.epoch, reason }, 'attempt lost');
  }
}
