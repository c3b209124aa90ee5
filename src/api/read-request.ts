import { z } from 'zod';
import { previousContent } from './job-access.ts';
import type { ApiParts } from './parts.ts';
import type { Surface, SurfaceRequest } from './surfaces/surface.ts';
import { validate } from './validate.ts';

/**
 * Checks a request body and brings it into canonical terms, with the conversation that it goes on from. `place`: the field
 * that the body stands in; empty where it is the whole.
 *
 * @throws {SluiceError} naming the client's mistake.
 */
export async function readRequest(
  parts: ApiParts,
  surface: Surface,
  given: unknown,
  place = '',
): Promise<SurfaceRequest> {
  const body = place === '' ? validate(surface.schema, given) : validateAt(surface.schema, given, place);
  const previous = surface.previous?.(body) ?? null;
  return surface.parse(body, previous && (await previousContent(parts, previous)));
}

function validateAt<T>(schema: z.ZodType<T>, given: unknown, place: string): T {
  const whole = validate(z.object({ [place]: schema }), { [place]: given });
  return whole[place] as T;
}
