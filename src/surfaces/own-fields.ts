import type { Fields } from '../core/json.ts';
import { refuse } from './refuse.ts';

/**
 * Refuses what means something in canonical requests that it never meant to the client: no provider would see the field, and
 * nobody would say so.
 *
 * @throws {SluiceError} naming the field, and where there is such a thing.
 */
export function refuseOwnFields(body: Fields): void {
  if (body.reasoning_summary === undefined || body.reasoning_summary === null) return;
  refuse(
    'unknown_parameter',
    "Unknown parameter: 'reasoning_summary'. Only /v1/responses has summaries: ask there, with reasoning.summary.",
    'reasoning_summary',
  );
}
