import { lineJobId } from '../core/batch-id.ts';
import { JOB_CANCELLED, JOB_EXPIRED } from '../core/settlement.ts';
import { settleFromLog } from '../store/settle-from-log.ts';
import type { Tenure } from './tenure.ts';

/** Ms that workers have to settle what they run, before it is settled over them. */
const PATIENCE = 10_000;

/** Ends what still runs of a batch that was cancelled, or has expired. Called again and again until nothing does. */
export class WindingDown {
  readonly #tenure: Tenure;
  #since: number | null = null;

  constructor(tenure: Tenure) {
    this.#tenure = tenure;
  }

  async step(): Promise<void> {
    const { parts, batch, window, ending } = this.#tenure;
    if (ending === null) return;
    const first = this.#since === null;
    this.#since ??= Date.now();
    const jobIds = window.running().map(({ line }) => lineJobId(batch.id, line));
    // Their deadline is the batch's: who runs them ends them by himself.
    const statuses =
      ending === 'cancelled' && first
        ? await Promise.all(jobIds.map((id) => parts.store.jobs.cancel(id)))
        : [];
    const overdue = Date.now() > this.#since + PATIENCE;
    const settled = jobIds.filter((_, index) => overdue || statuses[index] === 'queued');
    const error = ending === 'cancelled' ? JOB_CANCELLED : JOB_EXPIRED;
    for (const jobId of settled) await settleFromLog(parts.store, jobId, ending, error);
  }
}
