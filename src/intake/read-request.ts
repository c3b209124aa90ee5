import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { SluiceError } from '../core/errors.ts';
import type { Store } from '../store/store.ts';
import type { Surface, SurfaceRequest } from '../surfaces/surface.ts';
import { validate } from '../surfaces/validate.ts';
import { keptAnswers, previousContent, refuseLargeConversation } from './earlier-answers.ts';

/** What reading a request takes: it may go on from earlier answers. */
export interface IntakeParts {
  readonly store: Store;
  readonly config: Pick<Config, 'limits'>;
}

/**
 * Checks a request body and brings it into canonical terms, with the conversation that it goes on from. `place`: the field
 * that the body stands in; empty where it is the whole.
 *
 * @throws {SluiceError} naming the client's mistake.
 */
export async function readRequest(
  parts: IntakeParts,
  surface: Surface,
  given: unknown,
  place = '',
): Promise<SurfaceRequest> {
  const body = place === '' ? validate(surface.schema, given) : validateAt(surface.schema, given, place);
  try {
    const previous = surface.previous?.(body) ?? null;
    const names = surface.named?.(body) ?? [];
    const [conversation, answers] = await Promise.all([
      previous && previousContent(parts.store, surface.url, previous),
      keptAnswers(parts, surface.url, names),
    ]);
    const asked = surface.parse(body, conversation, answers);
    if (previous !== null || names.length > 0) refuseLargeConversation(asked, parts.config.limits);
    return asked;
  } catch (error) {
    throw place === '' ? error : placedIn(place, error);
  }
}

/** A mistake in a body that stands in a field of another one. */
function placedIn(place: string, error: unknown): unknown {
  if (!(error instanceof SluiceError) || error.param === null) return error;
  const param = `${place}.${error.param}`;
  const message = error.message.replace(`'${error.param}'`, () => `'${param}'`);
  return new SluiceError(error.code, message, { param, cause: error });
}

function validateAt<T>(schema: z.ZodType<T>, given: unknown, place: string): T {
  const whole = validate(z.object({ [place]: schema }), { [place]: given });
  return whole[place] as T;
}
