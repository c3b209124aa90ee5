import type { Limits } from '../../config/config.ts';
import { batchEndpoints } from './batches.ts';
import { countTokenEndpoints } from './count-tokens.ts';
import type { Endpoint } from './endpoint.ts';
import { fileEndpoints } from './files.ts';
import { jobEndpoints } from './jobs.ts';
import { messageBatchEndpoints } from './message-batches.ts';
import { modelEndpoints } from './models.ts';
import { operationEndpoints } from './operation.ts';
import { responseEndpoints } from './responses.ts';
import { storedCompletionEndpoints } from './stored-completions.ts';
import { surfaceEndpoints } from './surfaces/surfaces.ts';
import { uploadEndpoints } from './uploads.ts';
import { webhookDeliveryEndpoints } from './webhook-deliveries.ts';
import { webhookEndpoints } from './webhooks.ts';

/**
 * Every endpoint there is. Which methods a path allows, which requests have their bodies parsed, and the API's own
 * description are made of it; a test holds it against the routes.
 */
export function catalogue({ jobTimeout }: Pick<Limits, 'jobTimeout'>): readonly Endpoint[] {
  return [
    ...surfaceEndpoints,
    ...countTokenEndpoints,
    ...responseEndpoints,
    ...storedCompletionEndpoints,
    ...jobEndpoints(jobTimeout),
    ...fileEndpoints,
    ...uploadEndpoints,
    ...batchEndpoints,
    ...messageBatchEndpoints,
    ...webhookEndpoints,
    ...webhookDeliveryEndpoints,
    ...modelEndpoints,
    ...operationEndpoints,
  ];
}
