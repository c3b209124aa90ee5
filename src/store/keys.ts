/**
 * Every Redis key and channel of Sluice. A job's own keys share one hash tag, so that scripts over them
 * run in one slot of a cluster.
 */
export const keys = {
  record: (jobId: string): string => `sluice:{${jobId}}`,
  log: (jobId: string): string => `sluice:{${jobId}}:log`,
  /** Announces each entry of the log; the scripts derive the same name from the record's key. */
  live: (jobId: string): string => `sluice:{${jobId}}:live`,
  idempotency: (keyHash: string): string => `sluice:idempotency:${keyHash}`,
  /** A sorted set of job ids in the order of their creation: `all`, `open`, or one terminal status. */
  index: (name: string): string => `sluice:{index}:${name}`,
  /** Stored jobs of an endpoint, in the order of their creation. */
  stored: (url: string): string => `sluice:{index}:stored:${url}`,
  /** Unsettled jobs by the time (unix ms) at which somebody must look after them. */
  watch: 'sluice:{index}:watch',
  /** What the archive has to do, by the time (unix ms) at which it is due; see `archive/archive-tasks.ts`. */
  archive: 'sluice:{index}:archive',
  /** Cancellations, announced to every worker. */
  cancellations: 'sluice:cancellations',
  /** Worker processes by their last heartbeat (unix ms). */
  workers: 'sluice:workers',
} as const;
