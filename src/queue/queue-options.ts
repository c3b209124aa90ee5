import type { JobsOptions, QueueOptions, WorkerOptions } from 'bullmq';

/** Where BullMQ keeps its keys. */
export const PREFIX = 'sluice';

/** Lines of batches have queues and slots of their own, so that neither they nor other jobs keep each other waiting. */
export const LANES = ['interactive', 'batch'] as const;
export type Lane = (typeof LANES)[number];

/** One queue a model group and lane, in one slot of a cluster: the braces are Redis's hash tag. */
export function queueName(group: string, lane: Lane): string {
  return lane === 'batch' ? `{${group}}lines` : `{${group}}`;
}

/** The groups that have ever had lines of batches: only those get consumers for them. */
export const LINE_GROUPS = `${PREFIX}:line-groups`;

export const QUEUE_OPTIONS = {
  prefix: PREFIX,
  // Nobody reads BullMQ's events here; the log says what happens to a job.
  streams: { events: { maxLen: 1000 } },
} satisfies Partial<QueueOptions>;

export const TICKET_OPTIONS = {
  removeOnComplete: true,
  removeOnFail: true,
} satisfies JobsOptions;

/** A killed worker's jobs start again within 8 s: lock, plus one or two checks. See docs/decisions. */
export const WORKER_OPTIONS = {
  prefix: PREFIX,
  lockDuration: 6000,
  stalledInterval: 1000,
  // Stalls never count against a job here: the record has a limit of its own for lost attempts.
  maxStalledCount: 1_000_000,
  // A worker that was frozen swallows one wake-up; this is how long the queue then waits.
  drainDelay: 1,
  // Ms before the queue is asked again after Redis went away under a running command.
  runRetryDelay: 500,
} satisfies Partial<WorkerOptions>;
