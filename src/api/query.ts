import type { Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiMetadata } from 'zod-openapi';
import { SluiceError } from '../core/errors.ts';

/**
 * The query of a request, checked. The schema's members come from this file, or say in their error what they expected:
 * it is quoted.
 */
export function readQuery<Shape extends z.ZodRawShape>(
  request: Pick<Request, 'query'>,
  schema: z.ZodObject<Shape>,
): z.output<z.ZodObject<Shape>> {
  const parsed = schema.safeParse(request.query);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '');
  throw new SluiceError('invalid_value', `Invalid value for '${name}': ${issue?.message}.`, { param: name });
}

/** `?name=N` as a whole number between two bounds; `fallback` when it is absent. */
export function wholeNumber(bounds: Bounds & { readonly fallback: number }) {
  const { least, most, fallback } = bounds;
  return digits(bounds)
    .default(fallback)
    .meta(shownAs({ type: 'integer', minimum: least, maximum: most, default: fallback }));
}

/** The same, which may be absent. */
export function optionalNumber(bounds: Bounds) {
  const { least, most } = bounds;
  return digits(bounds)
    .optional()
    .meta(shownAs({ type: 'integer', minimum: least, maximum: most }));
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

function digits({ least, most }: Bounds) {
  const error = `expected a whole number from ${least} to ${most}`;
  return z
    .string({ error })
    .regex(/^\d{1,9}$/, { error, abort: true })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error });
}

/** `?name=true`, or bare `?name`; false when it is absent. */
export function flag() {
  return z
    .enum(['true', '1', '', 'false', '0'], { error: 'expected true or false' })
    .transform((text) => text !== 'false' && text !== '0')
    .default(false)
    .meta(shownAs({ type: 'boolean', default: false }));
}

/** `?name=one` of several words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `expected one of ${words.join(', ')}` });
}

/** `?name[]=one&name[]=another` of several words, or `?name=one`. */
export function manyOf<const Words extends readonly string[]>(words: Words) {
  const word = oneOf(words);
  const error = `expected some of ${words.join(', ')}`;
  return z
    .union([word.transform((only) => [only]), z.array(word)], { error })
    .default([])
    .meta(shownAs({ type: 'array', items: { type: 'string', enum: [...words] } }));
}

/** Describes a parameter by what it means, not by the text that it travels as. */
function shownAs(meaning: Record<string, unknown>): ZodOpenApiMetadata {
  return {
    override: ({ jsonSchema }) => {
      delete jsonSchema.pattern;
      delete jsonSchema.enum;
      Object.assign(jsonSchema, meaning);
    },
  };
}
