import type { BatchResults } from '../batches/batch-results.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Config } from '../config/config.ts';
import type { Files } from '../files/files.ts';
import type { Logger } from '../log.ts';
import type { Webhooks } from '../notices/webhooks.ts';
import type { Producer } from '../queue/producer.ts';
import type { Router } from '../routing/router.ts';
import type { Store } from '../store/store.ts';

/** What running batches takes, wired once a process. */
export interface FeederParts {
  readonly config: Config;
  readonly store: Store;
  readonly files: Files;
  readonly blobs: BlobStore;
  readonly results: BatchResults;
  readonly producer: Producer;
  readonly router: Router;
  readonly webhooks: Pick<Webhooks, 'batchEnded'>;
  readonly logger: Logger;
}
