import { chatSurface } from './chat/surface.ts';
import { completionsSurface } from './completions/surface.ts';
import { embeddingsSurface } from './embeddings/surface.ts';
import { messagesSurface } from './messages/surface.ts';
import { responsesSurface } from './responses/surface.ts';
import type { Surface } from './surface.ts';

/** Every surface whose requests become jobs. */
export const SURFACES: readonly Surface[] = [
  chatSurface,
  completionsSurface,
  responsesSurface,
  messagesSurface,
  embeddingsSurface,
];

/** The surface of an endpoint. Throws for one that this version does not know. */
export function surfaceOf(url: string): Surface {
  const surface = SURFACES.find((candidate) => candidate.url === url);
  if (surface === undefined) throw new Error(`There is no surface for ${url}.`);
  return surface;
}
