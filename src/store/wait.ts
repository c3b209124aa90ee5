import { isTerminal } from '../core/job.ts';
import type { JobStore } from './job-store.ts';
import { keys } from './keys.ts';
import { type LiveChannels, parseAnnouncement, RESYNC } from './live.ts';
import { isOutage } from './redis.ts';

/** Ms after which the record is looked at even though no announcement came. */
const LOOK = 2000;

/** Waits until a job has settled, without reading its deltas. False if `signal` aborted first. */
export async function waitSettled(
  jobs: JobStore,
  live: LiveChannels,
  jobId: string,
  signal: AbortSignal,
): Promise<boolean> {
  const channel = keys.live(jobId);
  const { promise: ended, resolve } = Promise.withResolvers<boolean>();
  const look = async (): Promise<void> => {
    try {
      const status = await jobs.status(jobId);
      if (status === null || isTerminal(status)) resolve(true);
    } catch (error) {
      if (!isOutage(error)) resolve(true);
    }
  };
  const listener = (message: string): void => {
    if (message === RESYNC) void look();
    else if (parseAnnouncement(message).kind === 'end') resolve(true);
  };
  const stop = (): void => resolve(false);
  signal.addEventListener('abort', stop);
  const timer = setInterval(look, LOOK);
  try {
    await live.listen(channel, listener);
    await look();
    return signal.aborted ? false : await ended;
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
    live.unlisten(channel, listener);
  }
}
