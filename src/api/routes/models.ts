import { type Request, type Response, Router } from 'express';
import { SluiceError } from '../../core/errors.ts';
import { unixSeconds } from '../../core/unix-time.ts';
import { requireGroup } from '../../routing/require-group.ts';
import { anthropicModelsQuery } from '../endpoints/models.ts';
import { speaksAnthropic } from '../error-shape.ts';
import type { ApiParts } from '../parts.ts';
import { readQuery } from '../query.ts';

/**
 * `/v1/models`: the model groups, in OpenAI's shape, or in Anthropic's for its clients. A name that ends in `/*` stands for
 * every model below it.
 */
export function modelRoutes({ router }: ApiParts): Router {
  const routes = Router();
  const started = new Date();

  routes.get('/v1/models', (request: Request, response: Response) => {
    const { names } = router;
    response.json(
      speaksAnthropic(request) ? anthropicPage(request, names, started) : openAiList(names, started),
    );
  });

  routes.get('/v1/models/*model', (request: Request, response: Response) => {
    const name = ([] as string[]).concat(request.params.model ?? []).join('/');
    requireGroup(router, name, 'model');
    response.json(speaksAnthropic(request) ? anthropicModel(name, started) : openAiModel(name, started));
  });

  return routes;
}

function openAiList(names: readonly string[], started: Date): object {
  return { object: 'list', data: names.map((name) => openAiModel(name, started)) };
}

function openAiModel(id: string, started: Date): object {
  return { id, object: 'model', created: unixSeconds(started.getTime()), owned_by: 'sluice' };
}

/** Null is what is known of Anthropic's own models only. */
function anthropicModel(id: string, started: Date): object {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: started.toISOString(),
    capabilities: null,
    deprecated_at: null,
    lifecycle: 'active',
    line: null,
    max_input_tokens: null,
    max_tokens: null,
    retires_at: null,
  };
}

/** Anthropic's pages: `limit` models behind `after_id`, or the last ones before `before_id`. */
function anthropicPage(request: Request, names: readonly string[], started: Date): object {
  const { limit, before_id, after_id } = readQuery(request, anthropicModelsQuery);
  const before = placeOf('before_id', before_id, names);
  const after = placeOf('after_id', after_id, names);
  const rest = names.slice(after === null ? 0 : after + 1, before ?? names.length);
  const page = before === null ? rest.slice(0, limit) : rest.slice(-limit);
  return {
    data: page.map((name) => anthropicModel(name, started)),
    has_more: page.length < rest.length,
    first_id: page[0] ?? null,
    last_id: page.at(-1) ?? null,
  };
}

/** Where the model stands that a parameter names; null if there is no such parameter. */
function placeOf(name: string, id: string | undefined, names: readonly string[]): number | null {
  if (id === undefined) return null;
  const place = names.indexOf(id);
  if (place !== -1) return place;
  throw new SluiceError('invalid_value', `Invalid value for '${name}': expected the id of a model.`, {
    param: name,
  });
}
