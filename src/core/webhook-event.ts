import { createHash } from 'node:crypto';
import type { Batch } from './batch.ts';
import type { Job } from './job.ts';
import { publicId } from './job-id.ts';
import { unixSeconds } from './unix-time.ts';

/** What webhooks tell of, in OpenAI's words where it has them. */
export const WEBHOOK_EVENT_TYPES = [
  'response.completed',
  'response.failed',
  'response.cancelled',
  'response.incomplete',
  'job.completed',
  'job.failed',
  'job.cancelled',
  'job.expired',
  'batch.completed',
  'batch.failed',
  'batch.expired',
  'batch.cancelled',
] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

/** The body of a webhook, as OpenAI sends it: what happened to whom, and nothing of its content. */
export interface WebhookEvent {
  readonly id: string;
  readonly object: 'event';
  /** Unix seconds. */
  readonly created_at: number;
  readonly type: WebhookEventType;
  readonly data: { readonly id: string };
}

const RESPONSES_URL = '/v1/responses';

/** What is told of a settled job. Nothing of an open one, nor of the line of a batch: its batch is what ends. */
export function eventsOfJob(job: Job): WebhookEvent[] {
  const { status } = job;
  if (job.batchId !== null || job.finishedAt === null || status === 'queued' || status === 'in_progress')
    return [];
  const own = event(job.id, `job.${status}`, job.id, job.finishedAt);
  if (job.url !== RESPONSES_URL) return [own];
  return [event(job.id, responseType(job), publicId('resp_', job.id), job.finishedAt), own];
}

/** What is told of a batch that has ended; null before. */
export function eventOfBatch(batch: Batch): WebhookEvent | null {
  const { status } = batch;
  if (status !== 'completed' && status !== 'failed' && status !== 'expired' && status !== 'cancelled')
    return null;
  return event(batch.id, `batch.${status}`, batch.id, batch.since[status] ?? batch.expiresAt);
}

/** An expired job's response has failed: OpenAI knows no expired ones. */
function responseType({ status, finishReason }: Job): WebhookEventType {
  if (status === 'cancelled') return 'response.cancelled';
  if (status !== 'completed') return 'response.failed';
  return finishReason === 'length' || finishReason === 'content_filter'
    ? 'response.incomplete'
    : 'response.completed';
}

/** The id depends on what happened alone: whoever emits it again emits the same event. */
function event(subject: string, type: WebhookEventType, dataId: string, at: number): WebhookEvent {
  const digest = createHash('sha256').update(`${subject} ${type}`).digest('hex');
  const id = `evt_${digest.slice(0, 32)}`;
  return { id, object: 'event', created_at: unixSeconds(at), type, data: { id: dataId } };
}
