import type { ChatCompletion, JobOutcome } from '../client/types.ts';

/**
 * Where a job stands, for who looks on. `idle`: there is none. `connecting`: nothing has been heard of it. `queued`: it
 * waits for its first attempt, or for another one. `streaming`: an attempt runs. `completed`, `failed`, `cancelled`, `expired`:
 * its end. `disconnected`: it cannot be followed any more, because its server is out of reach or does not know it; it may
 * well go on.
 */
export type FollowedStatus =
  | 'idle'
  | 'connecting'
  | 'queued'
  | 'streaming'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'expired'
  | 'disconnected';

/** A job as far as it has come. */
export interface JobState {
  readonly status: FollowedStatus;
  /** The content of the first choice. Begins anew with every attempt. */
  readonly text: string;
  /**
   * The answer so far, with tool calls and all choices; null before anything came. Behind a refresh of the page it has
   * only the text until the job has completed.
   */
  readonly completion: ChatCompletion | null;
  /** The number of the attempt that `text` is of, from 1; 0 before the first. */
  readonly attempt: number;
  /** How it ended, with its usage; null until then. */
  readonly outcome: JobOutcome | null;
  /** Why it failed, expired or could not be followed; else null. */
  readonly error: Error | null;
}

/** Of no job. */
export const IDLE: JobState = {
  status: 'idle',
  text: '',
  completion: null,
  attempt: 0,
  outcome: null,
  error: null,
};

/** Whether nothing more will come. */
export function hasEnded(status: FollowedStatus): boolean {
  return ['completed', 'failed', 'cancelled', 'expired'].includes(status);
}
