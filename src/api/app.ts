import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { SluiceError } from '../core/errors.ts';
import { catalogue } from './endpoints/catalogue.ts';
import { allowedMethods, expressPath } from './endpoints/routing.ts';
import { speaksAnthropic } from './error-shape.ts';
import { authenticate } from './middleware/authenticate.ts';
import { errorHandler, notFound, options } from './middleware/errors.ts';
import { jsonBody } from './middleware/json-body.ts';
import type { ApiParts } from './parts.ts';
import { newRequestId } from './request-id.ts';
import { batchLineRoutes } from './routes/batch-lines.ts';
import { batchRoutes } from './routes/batches.ts';
import { countTokenRoutes } from './routes/count-tokens.ts';
import { descriptionRoutes } from './routes/description.ts';
import { fileRoutes } from './routes/files.ts';
import { healthRoutes } from './routes/health.ts';
import { jobEventRoutes } from './routes/job-events.ts';
import { jobRoutes } from './routes/jobs.ts';
import { messageBatchRoutes } from './routes/message-batches.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { modelRoutes } from './routes/models.ts';
import { responseRoutes } from './routes/responses.ts';
import { storedCompletionRoutes } from './routes/stored-completions.ts';
import { surfaceRoutes } from './routes/surfaces.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { webhookDeliveryRoutes } from './routes/webhook-deliveries.ts';
import { webhookRoutes } from './routes/webhooks.ts';

/** Every route in its order. What they have in common comes from the catalogue of endpoints. */
export function createApp(parts: ApiParts): Express {
  const { config, logger } = parts;
  const { limits } = config;
  const endpoints = catalogue(limits);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // As OpenAI's clients write them: `include[]=a&metadata[key]=value`.
  app.set('query parser', 'extended');
  app.use(begin);
  const allowed = allowedMethods(endpoints);
  app.use(healthRoutes(parts));
  app.use(descriptionRoutes(endpoints));
  app.use(authenticate(config.masterKey, config.host));
  app.use(options(allowed));
  app.use(jobEventRoutes(parts));
  const withBodies = endpoints.filter(({ takes }) => takes?.body && !takes.streamed);
  app.post(withBodies.map(expressPath), jsonBody(limits.maxRequestBytes));
  app.use(surfaceRoutes(parts));
  app.use(countTokenRoutes(parts));
  app.use(responseRoutes(parts));
  app.use(storedCompletionRoutes(parts));
  app.use(fileRoutes(parts));
  app.use(uploadRoutes(parts));
  app.use(batchRoutes(parts));
  app.use(batchLineRoutes(parts));
  app.use(messageBatchRoutes(parts));
  app.use(webhookRoutes(parts));
  app.use(webhookDeliveryRoutes(parts));
  app.use(jobRoutes(parts));
  app.use(modelRoutes(parts));
  app.use(metricsRoutes(parts));
  app.use(notFound(allowed));
  app.use(errorHandler(logger));
  return app;
}

function begin(request: Request, response: Response, next: NextFunction): void {
  const id = newRequestId();
  response.setHeader('x-request-id', id);
  if (speaksAnthropic(request)) response.setHeader('request-id', id);
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    throw new SluiceError('invalid_value', 'The request has no Host header, which HTTP/1.1 requires.');
  }
  next();
}
