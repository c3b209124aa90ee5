import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, DelayedError, type Job, WaitingError, Worker } from 'bullmq';
import { Interruption } from '../core/interruption.ts';
import type { Logger } from '../log.ts';
import { type Lane, queueName, WORKER_OPTIONS } from './queue-options.ts';

/** A job to run, as its ticket names it. */
export interface Ticket {
  readonly jobId: string;
  /** The model that the client asked for. */
  readonly model: string;
  readonly group: string;
}

/**
 * What became of a run. `done`: the ticket has no more purpose. `later`: run the job again at `at` (unix
 * ms). `hand_over`: another worker should run it now.
 */
export type RunEnd =
  | { readonly kind: 'done' | 'hand_over' }
  | { readonly kind: 'later'; readonly at: number };

export type RunTicket = (ticket: Ticket, signal: AbortSignal) => Promise<RunEnd>;

/** BullMQ needs this long between `close()` and the first hand-over, or it takes the job again and hangs. */
const CLOSE_SETTLE = 60;
/** Ms after which a job is run again whose run threw. */
const AFTER_FAULT = 1000;
/** Ms after which a ticket that came back to the worker still running it is offered again. */
const SECOND_COMING = 500;

/** Whose tickets a consumer takes, and how many at once. */
export interface ConsumerTerms {
  readonly group: string;
  readonly lane: Lane;
  readonly concurrency: number;
}

/**
 * Takes one group's tickets of one lane from BullMQ and runs them. Everything that BullMQ wants for this (locks, stalls,
 * the errors that mean "not now") stays in here.
 */
export class Consumer {
  readonly #worker: Worker;
  readonly #running = new Map<string, AbortController>();
  readonly #run: RunTicket;
  readonly #group: string;
  readonly #logger: Logger;
  #draining = false;

  constructor(
    connection: ConnectionOptions,
    { group, lane, concurrency }: ConsumerTerms,
    run: RunTicket,
    logger: Logger,
  ) {
    this.#run = run;
    this.#group = group;
    this.#logger = logger;
    this.#worker = new Worker(queueName(group, lane), (ticket, token) => this.#process(ticket, token ?? ''), {
      ...WORKER_OPTIONS,
      connection,
      concurrency,
    });
    this.#worker.on('error', (error) => logger.debug({ err: error, group }, 'queue connection'));
    this.#worker.on('lockRenewalFailed', (jobIds) => {
      for (const jobId of jobIds) this.#stop(jobId, 'ticket_lost');
    });
  }

  /** How many jobs may run here at once; those that run already are not disturbed. */
  set concurrency(most: number) {
    const wereAllTaken = this.running >= this.#worker.concurrency;
    this.#worker.concurrency = most;
    if (wereAllTaken && this.running < most) this.#wake();
  }

  /** How many jobs run here now. */
  get running(): number {
    return this.#running.size;
  }

  async ready(): Promise<void> {
    await this.#worker.waitUntilReady();
  }

  /**
   * Stops taking tickets, gives the running jobs `grace` ms to end by themselves, then hands the rest over.
   * `hurry` cuts the grace short. Resolves when nothing runs here any more.
   */
  async drain(grace: number, hurry: AbortSignal): Promise<void> {
    this.#draining = true;
    const closed = this.#worker.close();
    await delay(CLOSE_SETTLE);
    await Promise.race([closed, delay(grace, undefined, { signal: hurry, ref: false }).catch(() => {})]);
    for (const jobId of this.#running.keys()) this.#stop(jobId, 'draining');
    await closed;
  }

  /**
   * With all slots taken BullMQ looks at its concurrency again when a job ends, which with a slow provider is minutes away.
   * What wakes it earlier is to be resumed. Both calls in one turn: paused, it would stop if its last job ended now.
   */
  #wake(): void {
    void this.#worker.pause(true);
    void this.#worker.resume();
  }

  #stop(jobId: string, reason: 'ticket_lost' | 'draining'): void {
    this.#running.get(jobId)?.abort(new Interruption(reason));
  }

  async #process(ticket: Job, token: string): Promise<null> {
    const jobId = ticket.id ?? '';
    if (this.#draining) return this.#handOver(ticket, token);
    if (this.#running.has(jobId)) {
      // After an outage longer than the lock, BullMQ gives a worker its own running job once more, and the
      // end of the older run would then stop the newer one's lock renewal.
      this.#stop(jobId, 'ticket_lost');
      return this.#later(ticket, token, Date.now() + SECOND_COMING);
    }
    const controller = new AbortController();
    this.#running.set(jobId, controller);
    try {
      const end = await this.#runSafely({ jobId, model: ticket.name, group: this.#group }, controller.signal);
      if (end.kind === 'hand_over') return await this.#handOver(ticket, token);
      if (end.kind === 'later') return await this.#later(ticket, token, end.at);
      return null;
    } finally {
      this.#running.delete(jobId);
    }
  }

  /** What our own code throws must not end a ticket: the job is tried again in a moment. */
  async #runSafely(ticket: Ticket, signal: AbortSignal): Promise<RunEnd> {
    try {
      return await this.#run(ticket, signal);
    } catch (error) {
      this.#logger.error({ err: error, jobId: ticket.jobId }, 'the run of a job failed');
      return { kind: 'later', at: Date.now() + AFTER_FAULT };
    }
  }

  async #handOver(ticket: Job, token: string): Promise<never> {
    await ticket.moveToWait(token);
    throw new WaitingError();
  }

  async #later(ticket: Job, token: string, at: number): Promise<never> {
    await ticket.moveToDelayed(at, token);
    throw new DelayedError();
  }
}
