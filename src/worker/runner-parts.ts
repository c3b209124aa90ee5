import type { Limits, RetryPolicy } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Provider } from '../providers/provider.ts';
import type { Router } from '../routing/router.ts';
import type { Store } from '../store/store.ts';
import type { RunningJobs } from './running-jobs.ts';

/** What running a job takes, wired once a process. */
export interface RunnerParts {
  readonly workerId: string;
  readonly store: Store;
  readonly router: Router;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly retries: RetryPolicy;
  readonly limits: Limits;
  readonly running: RunningJobs;
  readonly logger: Logger;
  readonly metrics: Metrics;
}
