import { z } from 'zod';
import { modelName, type Usage } from './completion.ts';

/** Inputs that a request may have, as at OpenAI. */
const MOST_INPUTS = 2048;

/** Its minimum is checked with the rest of the input: zod would note every token that is below it. */
const token = z.int().meta({ minimum: 0 });

/**
 * An OpenAI embedding request, https://platform.openai.com/docs/api-reference/embeddings/create. What Sluice does not read
 * passes through to the provider.
 */
export const embeddingRequestSchema = z.looseObject({
  model: modelName,
  input: z
    .union([z.string(), z.array(z.union([z.string(), token, z.array(token)])).min(1)])
    .superRefine(checkInput),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).nullish(),
  user: z.string().nullish(),
  /** LiteLLM's: leave out what the provider does not support, instead of refusing the request. */
  drop_params: z.boolean().nullish(),
});

/** A request for embeddings, checked. */
export type EmbeddingRequest = z.infer<typeof embeddingRequestSchema>;

/** A text to embed, or its tokens. */
export type EmbeddingInput = string | readonly number[];

/**
 * Embeddings as jobs keep them: a vector an input, in their order, each the base64 of its little-endian float32s. That is
 * what OpenAI's clients ask for, exact for what models compute, and a third of the same numbers as JSON.
 */
export interface EmbeddingList {
  readonly vectors: readonly string[];
  /** `completion_tokens` is 0; null where the provider did not say. */
  readonly usage: Usage | null;
}

/** What a request wants embedded, one by one: a list of numbers is the tokens of one text. */
export function inputsOf({ input }: Pick<EmbeddingRequest, 'input'>): readonly EmbeddingInput[] {
  if (typeof input === 'string') return [input];
  const tokens = input.filter((item) => typeof item === 'number');
  return tokens.length > 0 ? [tokens] : input.filter((item) => typeof item !== 'number');
}

const FLOAT_BYTES = 4;

/** Numbers in the form that {@link EmbeddingList} has them. */
export function encodeVector(numbers: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(numbers.length * FLOAT_BYTES);
  for (const [index, number] of numbers.entries()) bytes.writeFloatLE(number, index * FLOAT_BYTES);
  return bytes.toString('base64');
}

/** The inverse of {@link encodeVector}. */
export function decodeVector(vector: string): number[] {
  const bytes = Buffer.from(vector, 'base64');
  return Array.from({ length: bytes.length / FLOAT_BYTES }, (_, index) =>
    bytes.readFloatLE(index * FLOAT_BYTES),
  );
}

/** What was used to embed a prompt of so many tokens. */
export function promptUsage(tokens: number): Usage {
  return { prompt_tokens: tokens, completion_tokens: 0, total_tokens: tokens };
}

type Input = string | (string | number | number[])[];

function checkInput(input: Input, context: z.core.$RefinementCtx<Input>): void {
  const mistake = mistakeIn(input);
  if (mistake !== null) context.addIssue(mistake);
}

type Mistake = Exclude<Parameters<z.core.$RefinementCtx<Input>['addIssue']>[0], string>;

/** The first mistake, of as many as there may be inputs. */
function mistakeIn(input: Input): Mistake | null {
  if (!Array.isArray(input)) return input === '' ? tooSmall('string', 1, input, []) : null;
  const [first] = input;
  if (input.some((item) => typeof item !== typeof first)) {
    const message = 'it must be all texts, all tokens of one text, or all lists of tokens';
    return { code: 'custom', message, input };
  }
  if (typeof first !== 'number' && input.length > MOST_INPUTS) {
    return { code: 'too_big', origin: 'array', maximum: MOST_INPUTS, input };
  }
  for (const [index, item] of input.entries()) {
    const mistake = mistakeOf(item, index);
    if (mistake !== null) return mistake;
  }
  return null;
}

function mistakeOf(item: string | number | number[], index: number): Mistake | null {
  if (item === '') return tooSmall('string', 1, item, [index]);
  if (typeof item === 'number') return item < 0 ? tooSmall('number', 0, item, [index]) : null;
  if (!Array.isArray(item)) return null;
  if (item.length === 0) return tooSmall('array', 1, item, [index]);
  const negative = item.findIndex((token) => token < 0);
  return negative === -1 ? null : tooSmall('number', 0, item[negative], [index, negative]);
}

function tooSmall(
  origin: 'string' | 'array' | 'number',
  minimum: number,
  input: unknown,
  path: number[],
): Mistake {
  return { code: 'too_small', origin, minimum, inclusive: true, input, path };
}
