import { type Request, type Response, Router } from 'express';
import { requestCountable } from '../../pricing/texts.ts';
import { requireGroup } from '../../routing/require-group.ts';
import { promptRequest } from '../../surfaces/messages/request.ts';
import { countSchema } from '../../surfaces/messages/schema.ts';
import { validate } from '../../surfaces/validate.ts';
import type { ApiParts } from '../parts.ts';

/** How many tokens a prompt has: an estimate, whatever the provider, since none is asked. */
export function countTokenRoutes({ router, counter }: ApiParts): Router {
  const routes = Router();
  routes.post('/v1/messages/count_tokens', async (request: Request, response: Response) => {
    const asked = promptRequest(validate(countSchema, request.body));
    requireGroup(router, asked.model, 'model');
    const { texts, tokens } = requestCountable(asked);
    response.json({ input_tokens: tokens + (await counter.count(texts)) });
  });
  return routes;
}
