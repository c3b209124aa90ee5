import type { Delta } from '../core/delta.ts';
import type { ErrorBody } from '../core/errors.ts';
import type { LogEntry } from '../core/log-entry.ts';
import { ATTEMPT_ENDED, goesOn } from './interrupted.ts';
import type { SurfaceStream } from './surface.ts';

/** Writes one reader's deltas, from the log's first on. */
export interface Chunks {
  /** The chunk as JSON; null for a delta that the protocol has no chunk for, or that the client did not ask for. */
  write(delta: Delta): string | null;
}

/**
 * A job's log as OpenAI streams completions, chat or not: `data` only, a chunk a delta, `[DONE]` at its end. It has no
 * word for attempts, so text that cannot go on ends in an error.
 */
export class ChunkStream implements SurfaceStream {
  readonly #jobId: string;
  readonly #chunks: Chunks;
  readonly #started = new Set<number>();
  #textSent = false;
  #ended = false;

  constructor(jobId: string, chunks: Chunks) {
    this.#jobId = jobId;
    this.#chunks = chunks;
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
      }
      const chunk = this.#chunks.write(delta);
      if (chunk === null) continue;
      if (delta.type !== 'start') this.#textSent = true;
      frames += `data: ${chunk}\n\n`;
    }
    return frames;
  }
}
