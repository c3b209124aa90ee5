import { type Request, type Response, Router } from 'express';
import type { ApiParts } from '../parts.ts';

/** `/health/live`: this process runs. `/health/ready`: Redis answers and at least one worker is alive. */
export function healthRoutes({ store, closing }: ApiParts): Router {
  const routes = Router();

  routes.get('/health/live', (_request: Request, response: Response) => {
    response.json({ status: 'ok' });
  });

  routes.get('/health/ready', async (_request: Request, response: Response) => {
    const workers = await store.workers.alive().catch(() => null);
    const ready = workers !== null && workers > 0 && !closing.begun;
    const redis = workers === null ? 'unreachable' : 'ok';
    response
      .status(ready ? 200 : 503)
      .json({ status: ready ? 'ok' : 'unavailable', redis, workers: workers ?? 0 });
  });

  return routes;
}
