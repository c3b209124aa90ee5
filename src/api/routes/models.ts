import { type Request, type Response, Router } from 'express';
import type { ApiParts } from '../parts.ts';
import { requireGroup } from '../submission.ts';

/** `/v1/models`: the model groups, in OpenAI's shape. A name that ends in `/*` stands for every model below it. */
export function modelRoutes({ router }: ApiParts): Router {
  const routes = Router();
  const created = Math.floor(Date.now() / 1000);
  const write = (id: string) => ({ id, object: 'model', created, owned_by: 'sluice' });

  routes.get('/v1/models', (_request: Request, response: Response) => {
    response.json({ object: 'list', data: router.names.map(write) });
  });

  routes.get('/v1/models/*name', (request: Request, response: Response) => {
    const name = ([] as string[]).concat(request.params.name ?? []).join('/');
    requireGroup(router, name, 'model');
    response.json(write(name));
  });

  return routes;
}
