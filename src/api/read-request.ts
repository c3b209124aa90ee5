import { z } from 'zod';
import { SluiceError } from '../core/errors.ts';
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
  const content = previous && (await previousContent(parts, previous));
  try {
    return surface.parse(body, content);
  } catch (error) {
    throw place === '' ? error : placed(error, place);
  }
}

/** A mistake that a surface found, with its place in the whole. */
function placed(error: unknown, place: string): unknown {
  if (!(error instanceof SluiceError) || error.param === null) return error;
  return new SluiceError(error.code, error.message, { param: `${place}.${error.param}`, cause: error });
}

function validateAt<T>(schema: z.ZodType<T>, given: unknown, place: string): T {
  const whole = validate(z.object({ [place]: schema }), { [place]: given });
  return whole[place] as T;
}
