import { APIError, type Job } from '../client/index.ts';
import type { Session } from './session.ts';

/**
 * Runs something that ctrl-C and SIGTERM end: its signal aborts with the first of them, the second ends the process at once.
 */
export async function interruptible<Value>(run: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Interrupted());
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await run(controller.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** Waits for the job that is being submitted, so that it can be cancelled; tells who interrupts that why it takes a while. */
export async function untilSubmitted(
  { terminal }: Session,
  signal: AbortSignal,
  submitting: Promise<Job>,
): Promise<Job> {
  const tell = (): void =>
    terminal.note(
      'The server has not answered yet; the job is cancelled once it has. Ctrl-C again leaves at once.',
    );
  signal.addEventListener('abort', tell);
  return await submitting.finally(() => signal.removeEventListener('abort', tell));
}

/** The reason of a signal that the user aborted. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted.');
  }
}

/** Cancels the job that was interrupted, and tells what became of it: it may have ended before, or be out of reach. */
export async function cancelInterrupted(job: Job): Promise<string> {
  try {
    const { status } = (await job.cancel()).data;
    return status === 'cancelled' ? `Cancelled ${job.id}.` : `${job.id} had ended before: it is ${status}.`;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return `${job.id} may go on: ${error.message} \`sluice cancel ${job.id}\` tries again.`;
  }
}
