import type { Deployment } from '../../src/config/config.ts';
import type { CompletionRequest } from '../../src/core/completion.ts';
import type { Format } from '../../src/providers/formats/format.ts';
import { PreparedRequest } from '../../src/providers/request/prepared-request.ts';
import { deployment, userRequest } from './provider-calls.ts';

/** The body of a request in a format, as it goes over the wire. */
export function encodeRequest(
  format: Format,
  model: string,
  fields: Partial<CompletionRequest> = {},
  place: Partial<Deployment> = {},
): Record<string, unknown> {
  const call = { deployment: deployment(place), model };
  const { supports, ownTools, anthropic } = format;
  const request = userRequest('hi', fields);
  const prepared = new PreparedRequest(request, call, supports, ownTools, anthropic?.(model));
  return JSON.parse(JSON.stringify(format.encode(prepared)));
}
