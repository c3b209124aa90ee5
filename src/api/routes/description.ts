import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Request, type Response, Router } from 'express';
import { PAGE, PAGE_FILES } from '../docs/files.ts';
import { openApiDocument } from '../endpoints/document.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { unknownUrl } from '../middleware/errors.ts';

/** Everything the page loads is ours; nothing may frame it, and it sends nothing elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json`: the API's description, and `/docs`: the same as a page. Both are open: they hold nothing secret. */
export function descriptionRoutes(endpoints: readonly Endpoint[]): Router {
  const routes = Router();
  const document = kept(() => Buffer.from(JSON.stringify(openApiDocument(endpoints))));
  const page = kept(() => readFileSync(PAGE.path));
  const files = new Map(
    Object.entries(PAGE_FILES).map(([name, { path, type }]) => [
      name,
      { type, get: kept(() => readFileSync(path)) },
    ]),
  );

  routes.get('/openapi.json', (request: Request, response: Response) => {
    send(request, response, 'json', document());
  });

  routes.get('/docs', (request: Request, response: Response) => {
    response.setHeader('Content-Security-Policy', POLICY);
    response.setHeader('Referrer-Policy', 'no-referrer');
    send(request, response, PAGE.type, page());
  });

  routes.get('/docs/:file', (request: Request<{ file: string }>, response: Response) => {
    const file = files.get(request.params.file);
    if (file === undefined) throw unknownUrl(request);
    send(request, response, file.type, file.get());
  });

  return routes;
}

/** Bytes and the `ETag` that names them. */
interface Content {
  readonly bytes: Buffer;
  readonly tag: string;
}

/** Caches may keep it and ask again each time: another version may run by then. */
function send(request: Request, response: Response, type: string, { bytes, tag }: Content): void {
  response.setHeader('ETag', tag);
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (request.fresh) response.status(304).end();
  else response.type(type).send(bytes);
}

/** Makes it when it is first asked for, and keeps it: most processes are never asked for their description. */
function kept(make: () => Buffer): () => Content {
  let content: Content | undefined;
  return () => {
    if (content === undefined) {
      const bytes = make();
      content = { bytes, tag: `"${createHash('sha256').update(bytes).digest('base64url')}"` };
    }
    return content;
  };
}
