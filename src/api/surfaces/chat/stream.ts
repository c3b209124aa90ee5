import type { ErrorBody } from '../../../core/errors.ts';
import { identityOf } from '../../../core/job.ts';
import type { LogEntry } from '../../../core/log-entry.ts';
import { ATTEMPT_ENDED, goesOn } from '../interrupted.ts';
import type { StreamedJob, SurfaceStream } from '../surface.ts';
import { ChunkWriter } from './chunk-writer.ts';

/**
 * A job's log as a chat completion stream: `data` only, `[DONE]` at its end. It has no word for attempts, so text that
 * cannot go on ends in an error.
 */
export class ChatStream implements SurfaceStream {
  readonly #jobId: string;
  readonly #chunks: ChunkWriter;
  readonly #started = new Set<number>();
  #textSent = false;
  #ended = false;

  constructor(job: StreamedJob, includeUsage: boolean) {
    this.#jobId = job.id;
    this.#chunks = new ChunkWriter(identityOf(job), { includeUsage });
  }

  get ended(): boolean {
    return this.#ended;
  }

  begin(): string {
    return '';
  }

  write(entry: LogEntry): string {
    switch (entry.kind) {
      case 'deltas':
        return this.#frames(entry);
      case 'attempt':
      case 'retry':
        return this.#textSent ? this.fail(goesOn(this.#jobId, ATTEMPT_ENDED).body) : '';
      case 'end':
        if (entry.outcome.error !== null) return this.fail(entry.outcome.error);
        this.#ended = true;
        return 'data: [DONE]\n\n';
    }
  }

  fail(error: ErrorBody): string {
    this.#ended = true;
    return `data: ${JSON.stringify({ error })}\n\n`;
  }

  #frames(entry: Extract<LogEntry, { kind: 'deltas' }>): string {
    let frames = '';
    for (const delta of entry.deltas) {
      if (delta.type === 'start') {
        // A second attempt begins its choices again; to this client they have begun.
        if (this.#started.has(delta.choice)) continue;
        this.#started.add(delta.choice);
      } else {
        this.#textSent = true;
      }
      const chunk = this.#chunks.write(delta);
      if (chunk !== null) frames += `data: ${chunk}\n\n`;
    }
    return frames;
  }
}
