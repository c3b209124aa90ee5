import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** What Sluice counts. Names and labels are part of its interface: see docs/operations.md. */
export class Metrics {
  readonly registry = new Registry();
  readonly jobsSubmitted = this.#counter('sluice_jobs_submitted_total', 'Jobs accepted.', ['group']);
  readonly jobsSettled = this.#counter('sluice_jobs_settled_total', 'Jobs ended by this process.', [
    'group',
    'status',
  ]);
  readonly attempts = this.#counter('sluice_attempts_total', 'Attempts ended by this worker.', [
    'group',
    'status',
  ]);
  readonly deltas = this.#counter('sluice_deltas_total', 'Deltas received from providers.', ['group']);
  readonly providerErrors = this.#counter('sluice_provider_errors_total', 'Errors of providers.', [
    'provider',
    'code',
  ]);
  readonly tokens = this.#counter('sluice_tokens_total', 'Tokens that attempts used, as far as is known.', [
    'group',
    'direction',
  ]);
  readonly cost = this.#counter('sluice_cost_usd_total', 'What attempts cost, as far as is known.', [
    'group',
    'provider',
  ]);
  readonly unpriced = this.#counter('sluice_unpriced_attempts_total', 'Attempts whose cost is unknown.', [
    'group',
    'provider',
  ]);
  readonly queueWait = this.#histogram('sluice_queue_wait_seconds', 'From acceptance to the first attempt.');
  readonly timeToFirstDelta = this.#histogram(
    'sluice_time_to_first_delta_seconds',
    'From the start of an attempt to its first delta.',
  );
  readonly readers = this.#gauge('sluice_sse_readers', 'Open event streams.', []);
  readonly readersDropped = this.#counter(
    'sluice_sse_readers_dropped_total',
    'Event streams closed because their reader took nothing.',
    [],
  );
  readonly jobs = this.#gauge('sluice_jobs', 'Jobs whose records are kept, by status.', ['status']);
  readonly queueDepth = this.#gauge('sluice_queue_depth', 'Tickets by group, lane and state.', [
    'group',
    'lane',
    'state',
  ]);
  readonly archiveTasks = this.#gauge(
    'sluice_archive_tasks',
    'Stored jobs that wait to be archived, and deletions to be repeated.',
    [],
  );
  readonly webhookAttempts = this.#counter(
    'sluice_webhook_attempts_total',
    'Attempts to deliver webhooks, by what came of them: delivered, retried or failed.',
    ['outcome'],
  );
  readonly webhooksPending = this.#gauge(
    'sluice_webhooks_pending',
    'Deliveries of webhooks that have not ended.',
    [],
  );
  readonly workersAlive = this.#gauge(
    'sluice_workers_alive',
    'Worker processes with a recent heartbeat.',
    [],
  );

  constructor() {
    // Event loop lag, memory, CPU and garbage collection, under prom-client's usual names.
    collectDefaultMetrics({ register: this.registry });
  }

  #counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<T extends string>(name: string, help: string, labelNames: T[]): Gauge<T> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string): Histogram<'group'> {
    return new Histogram({ name, help, labelNames: ['group'], buckets: SECONDS, registers: [this.registry] });
  }
}
