import { useMemo, useSyncExternalStore } from 'react';
import type { Sluice } from '../client/sluice.ts';
import { useClient } from './context.ts';
import { IDLE, type JobState } from './job-state.ts';
import { JobStore } from './job-store.ts';

/** How to follow a job. */
export interface UseJobOptions {
  /** Default: that of the nearest `SluiceProvider`. The same one at every render. */
  readonly client?: Sluice | undefined;
}

/** A job as far as it has come, and what can be done with it. */
export interface FollowedJob extends JobState {
  /**
   * Ends the job; that it did shows in `status`. Does nothing without a job.
   *
   * @throws {APIError} where the server could not be reached. The job goes on.
   */
  cancel(): Promise<void>;
}

/**
 * Follows a job: its text as it comes, whatever happens to connections. Renders at most once a frame. A refresh of the page
 * goes on behind what it had; a component that goes away stops reading, and leaves the job alone. `null`: no job.
 */
export function useJob(jobId: string | null, { client }: UseJobOptions = {}): FollowedJob {
  const clientOf = useClient(client);
  const store = useMemo(() => (jobId === null ? NO_JOB : new JobStore(clientOf, jobId)), [clientOf, jobId]);
  const state = useSyncExternalStore(store.subscribe, store.snapshot, store.firstSnapshot);
  return useMemo(() => ({ ...state, cancel: store.cancel }), [state, store]);
}

const NO_JOB: Pick<JobStore, 'subscribe' | 'snapshot' | 'firstSnapshot' | 'cancel'> = {
  subscribe: () => () => {},
  snapshot: () => IDLE,
  firstSnapshot: () => IDLE,
  cancel: async () => {},
};
