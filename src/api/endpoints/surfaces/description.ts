import type { z } from 'zod';
import type { ErrorCode } from '../../../core/errors.ts';

/** What there is to say of a surface's endpoint besides the surface itself. */
export interface SurfaceDescription {
  readonly name: string;
  readonly summary: string;
  /** Markdown. */
  readonly description: string;
  /** What the document calls the surface's schema. */
  readonly request: string;
  /** A whole answer. */
  readonly answer: z.ZodType;
  /** A streamed answer, shortened; null where there is none. */
  readonly events: string | null;
  /** What it may refuse with, besides what every surface may. */
  readonly errors?: readonly ErrorCode[];
  /** Bodies that work with the scripted provider, by a short title. */
  readonly examples: Readonly<Record<string, object>>;
}
