import type { BatchResults } from '../batches/batch-results.ts';
import type { Config } from '../config/config.ts';
import type { Files } from '../files/files.ts';
import type { Submissions } from '../intake/submissions.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { WebhookSender } from '../notices/webhook-sender.ts';
import type { WebhookTargets } from '../notices/webhook-targets.ts';
import type { Webhooks } from '../notices/webhooks.ts';
import type { TokenCounter } from '../pricing/token-counter.ts';
import type { Producer } from '../queue/producer.ts';
import type { Router } from '../routing/router.ts';
import type { Store } from '../store/store.ts';
import type { Closing } from './closing.ts';
import type { SseResponses } from './sse-response.ts';

/** What the routes work with, wired once a process. */
export interface ApiParts {
  readonly config: Config;
  readonly store: Store;
  readonly files: Files;
  readonly results: BatchResults;
  readonly producer: Producer;
  readonly router: Router;
  readonly submissions: Submissions;
  readonly streams: SseResponses;
  readonly counter: TokenCounter;
  /** Checks every URL that a client wants to be told at: `await webhookTargets.check(url, 'webhook')`. */
  readonly webhookTargets: WebhookTargets;
  readonly webhooks: Webhooks;
  /** Sends what is not worth a delivery: tests of endpoints. */
  readonly webhookSender: WebhookSender;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** When it begins, streams end, and their readers resume elsewhere. */
  readonly closing: Closing;
}
