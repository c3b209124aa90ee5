import type { Batch } from '../core/batch.ts';
import type { Cursor } from '../store/batches/batch-feed.ts';
import type { FeederParts } from './feeder-parts.ts';
import type { Window } from './window.ts';

/** One feeder's time with a batch: what it knows, and all that its steps share. */
export interface Tenure {
  readonly parts: FeederParts;
  readonly batch: Batch;
  readonly epoch: number;
  readonly window: Window;
  /** By line: the line whose result it will have, too. */
  readonly leaders: ReadonlyMap<number, number>;
  /** How far the input has been taken. */
  cursor: Cursor;
  /** Segments that are committed, and the lines in them. */
  segments: number;
  gathered: number;
  /** What becomes of lines that have not been run: null while they are. */
  ending: 'cancelled' | 'expired' | null;
}
