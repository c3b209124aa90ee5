import { compareOffsets, formatOffset, type Offset, ORIGIN } from '../../core/offset.ts';
import type { ChatCompletionChunk, JobOutcome } from '../types.ts';
import { ContentHash } from './content-hash.ts';

/** An event of a job's log, its data parsed. */
export interface LogEvent {
  readonly name: string;
  readonly offset: Offset;
  /** The log itself has expired: its events were rebuilt from the result. */
  readonly rebuilt: boolean;
}

/**
 * What an event is to one who has read up to here. `next`: what was missing. `known`: it came before. `gap`: something
 * before it is missing.
 */
export type Verdict = 'next' | 'known' | 'gap';

/** Where a reader is in a job's log, and whether what it has read is all there is. */
export class LogCursor {
  #last: Offset;
  #rebuilt = false;
  /** Of the current attempt; null where it was entered in its middle, without what came before. */
  #seen: { readonly hash: ContentHash; deltas: number } | null;

  /** `content`: of the attempt that `after` is in, up to there. */
  constructor(after: Offset = ORIGIN, content?: string | undefined) {
    this.#last = after;
    this.#seen =
      after.seq === 0 || content !== undefined ? { hash: new ContentHash(), deltas: after.seq } : null;
    if (content !== undefined) this.#seen?.hash.add(content);
  }

  /** Of the last event that was taken; null: none was. */
  get offset(): string | null {
    return compareOffsets(this.#last, ORIGIN) === 0 ? null : formatOffset(this.#last);
  }

  judge({ name, offset, rebuilt }: LogEvent): Verdict {
    // What was rebuilt begins anew, with the numbers of the attempt that it stands for.
    if (rebuilt && !this.#rebuilt) return name === 'attempt' || offset.epoch === 0 ? 'next' : 'gap';
    if (compareOffsets(offset, this.#last) <= 0) return 'known';
    if (name === 'attempt') return offset.seq === 0 ? 'next' : 'gap';
    if (offset.epoch !== this.#last.epoch) return 'gap';
    // What was rebuilt has other deltas than the log had, and so leaves a gap before its end.
    return offset.seq === this.#last.seq + 1 || rebuilt ? 'next' : 'gap';
  }

  /** Goes on to an event that is the next one. `chunk`: of a delta. */
  take({ name, offset, rebuilt }: LogEvent, chunk: ChatCompletionChunk | null): void {
    this.#last = offset;
    this.#rebuilt = rebuilt;
    if (name === 'attempt') this.#seen = { hash: new ContentHash(), deltas: 0 };
    if (chunk === null || this.#seen === null) return;
    this.#seen.deltas += 1;
    for (const { delta } of chunk.choices) if (delta.content) this.#seen.hash.add(delta.content);
  }

  /** Whether the attempt that was read is the one that the end tells of. True where only a part of it was. */
  matches({ digest }: JobOutcome): boolean {
    if (this.#seen === null) return true;
    return this.#seen.deltas === digest.deltas && this.#seen.hash.hex() === digest.sha256;
  }
}
