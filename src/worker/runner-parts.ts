import type { Limits, RetryPolicy } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Pricing } from '../pricing/pricing.ts';
import type { Provider } from '../providers/provider.ts';
import type { Ticket } from '../queue/consumer.ts';
import type { Route, Router } from '../routing/router.ts';
import type { ClaimedAttempt } from '../store/attempt-store.ts';
import type { Store } from '../store/store.ts';
import type { RunningJobs } from './running-jobs.ts';

/** What running a job takes, wired once a process. */
export interface RunnerParts {
  readonly workerId: string;
  readonly store: Store;
  readonly router: Router;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly pricing: Pricing;
  readonly retries: RetryPolicy;
  readonly limits: Limits;
  readonly running: RunningJobs;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** One attempt: of which job, on which deployment. */
export interface AttemptContext {
  readonly ticket: Ticket;
  readonly claim: ClaimedAttempt;
  readonly route: Route;
  /** Another deployment of the group has not been tried in this run. */
  readonly another: boolean;
}
