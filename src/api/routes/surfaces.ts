import { type Request, type Response, Router } from 'express';
import { SURFACES } from '../../surfaces/registry.ts';
import { handleRequest } from '../handle-request.ts';
import type { ApiParts } from '../parts.ts';

/** The endpoints whose requests become jobs, one a surface: `POST /v1/chat/completions` and its like. */
export function surfaceRoutes(parts: ApiParts): Router {
  const routes = Router();
  for (const surface of SURFACES) {
    routes.post(surface.url, (request: Request, response: Response) =>
      handleRequest(parts, surface, request, response),
    );
  }
  return routes;
}
