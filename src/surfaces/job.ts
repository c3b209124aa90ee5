import type { CompletionIdentity } from '../core/fold.ts';
import { type Attempt, costOf, type Job } from '../core/job.ts';
import type { Fields } from '../core/json.ts';
import type { LogEntry } from '../core/log-entry.ts';
import { formatOffset } from '../core/offset.ts';
import { encodeEvent } from '../core/sse.ts';
import { unixSeconds } from '../core/unix-time.ts';
import { ChunkWriter } from './chat/chunk-writer.ts';

/** What a job's object says that its record does not. */
export interface JobExtras {
  /** Tickets ahead of it; null when it is not waiting. */
  readonly position: number | null;
  /** In the words of the surface that the job was submitted to. */
  readonly result: object | null;
  /** The answer so far, where it was asked for; in the same words. */
  readonly partial?: object;
}

/**
 * A job as `GET /v1/jobs/{id}` shows it. Times in unix seconds, as everywhere in OpenAI's API. Without
 * `extras`, as lists show it: what is not looked up for every job is left out, not null.
 */
export function writeJob(job: Job, extras?: JobExtras): Fields {
  const path = `/v1/jobs/${job.id}`;
  return {
    id: job.id,
    object: 'job',
    status: job.status,
    url: job.url,
    model: job.model,
    custom_id: job.customId,
    metadata: job.metadata,
    priority: job.priority,
    created_at: unixSeconds(job.createdAt),
    started_at: unixSeconds(job.startedAt),
    finished_at: unixSeconds(job.finishedAt),
    expires_at: unixSeconds(job.deadline),
    ...(extras && { position: extras.position }),
    attempts: job.attempts.map(writeAttempt),
    usage: job.usage,
    cost: costOf(job),
    finish_reason: job.finishReason,
    error: job.error,
    ...(extras && { result: extras.result }),
    ...(extras?.partial && { partial: extras.partial }),
    links: { self: path, events: `${path}/events`, result: `${path}/result`, cancel: `${path}/cancel` },
  };
}

function writeAttempt(attempt: Attempt): object {
  return {
    epoch: attempt.epoch,
    provider: attempt.provider,
    model: attempt.model,
    started_at: unixSeconds(attempt.startedAt),
    finished_at: unixSeconds(attempt.finishedAt),
    status: attempt.status,
    error: attempt.error,
    usage: attempt.usage,
    cost: attempt.cost,
  };
}

/** A job's log as server-sent events: `attempt`, `delta`, `retry`, and one terminal event. */
export class EventWriter {
  readonly #chunks: ChunkWriter;
  readonly #mark: object;

  /** `replayed`: the log has expired and its entries were rebuilt from the result; every event says so. */
  constructor(identity: CompletionIdentity, replayed = false) {
    this.#chunks = new ChunkWriter(identity, { includeUsage: true });
    this.#mark = replayed ? { replayed_from: 'result' } : {};
  }

  /** The frames of one entry, ready to be sent. */
  write(entry: LogEntry): string {
    const id = formatOffset(entry.offset);
    switch (entry.kind) {
      case 'attempt':
        return encodeEvent({
          event: 'attempt',
          id,
          data: JSON.stringify({ ...entry.attempt, ...this.#mark }),
        });
      case 'retry':
        return encodeEvent({ event: 'retry', id, data: JSON.stringify({ ...entry.retry, ...this.#mark }) });
      case 'end':
        return encodeEvent({
          event: entry.outcome.status,
          id,
          data: JSON.stringify({ ...entry.outcome, ...this.#mark }),
        });
      case 'deltas':
        return this.#deltas(entry);
    }
  }

  #deltas(entry: Extract<LogEntry, { kind: 'deltas' }>): string {
    const { epoch, seq } = entry.offset;
    const first = seq - entry.deltas.length + 1;
    let frames = '';
    entry.deltas.forEach((delta, index) => {
      const chunk = this.#chunks.write(delta) ?? '{}';
      const marked =
        'replayed_from' in this.#mark ? `${chunk.slice(0, -1)},"replayed_from":"result"}` : chunk;
      // JSON has no line breaks, so the frame needs no splitting: this is the hot path.
      frames += `event: delta\nid: ${epoch}-${first + index}\ndata: ${marked}\n\n`;
    });
    return frames;
  }
}
