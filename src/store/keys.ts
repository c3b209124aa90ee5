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
  /** What is known of a file, as JSON. */
  file: (fileId: string): string => `sluice:{${fileId}}`,
  /** The ids of all files, in the order of their creation. */
  files: 'sluice:{index}:files',
  /** Those of one purpose, in the same order. */
  filesOf: (purpose: string): string => `sluice:{index}:files:${purpose}`,
  /** Files that expire, by the time (unix ms) at which they do. */
  filesDue: 'sluice:{index}:files:due',
  /** There while nobody needs to look through all blobs for those that no file has. */
  blobsSwept: 'sluice:{index}:blobs:swept',
  /** What is known of an upload and of its parts. */
  upload: (uploadId: string): string => `sluice:{${uploadId}}`,
  /** Uploads, by the time (unix ms) at which they expire. */
  uploadsDue: 'sluice:{index}:uploads:due',
  /** A batch's own keys share one hash tag. */
  batch: (batchId: string): string => `sluice:{${batchId}}`,
  /** Where the finished lines of a batch are, in the order in which they were gathered. */
  segments: (batchId: string): string => `sluice:{${batchId}}:segments`,
  /** The lines of a batch that are under way, each with its place in the input. */
  window: (batchId: string): string => `sluice:{${batchId}}:window`,
  /** How each line of a batch ended, and in which segment its result is: four bytes a line. */
  places: (batchId: string): string => `sluice:{${batchId}}:places`,
  /** Announces that something about a batch has changed. */
  batchLive: (batchId: string): string => `sluice:{${batchId}}:live`,
  /** The ids of the batches that were made through one API, in the order of their creation. */
  batches: (kind: string): string => `sluice:{index}:batches:${kind}`,
  /** Batches that have not ended, by the time (unix ms) at which a feeder may take them over. */
  openBatches: 'sluice:{index}:batches',
  /** Batches that have ended, by the time (unix ms) at which something of them is to be swept. */
  endedBatches: 'sluice:{index}:batches:ended',
  /** All that is kept of webhooks shares one hash tag. Here: the endpoints that were made through the API, as JSON by id. */
  webhookEndpoints: 'sluice:{webhooks}:endpoints',
  /** Announces that an endpoint was made, changed or deleted. */
  webhookChanges: 'sluice:{webhooks}:changes',
  /** The secret that signs where no other one does, if the configuration has none. */
  webhookSecret: 'sluice:{webhooks}:secret',
  /** What is known of one delivery. */
  webhookDelivery: (id: string): string => `sluice:{webhooks}:${id}`,
  /** The ids of all deliveries, in the order of their events. */
  webhookDeliveries: 'sluice:{webhooks}:deliveries',
  /** Those of one event, or to one endpoint, in the same order. */
  webhookDeliveriesOf: (id: string): string => `sluice:{webhooks}:deliveries:${id}`,
  /** Deliveries that have not ended, by the time (unix ms) at which somebody must look after them. */
  webhooksPending: 'sluice:{webhooks}:pending',
  /** Deliveries that have, by the time (unix ms) at which they did. */
  webhooksEnded: 'sluice:{webhooks}:ended',
  /** Cancellations, announced to every worker. */
  cancellations: 'sluice:cancellations',
  /** Worker processes by their last heartbeat (unix ms). */
  workers: 'sluice:workers',
} as const;
