import { OpenAI } from 'openai';
import { OpenAI as OpenAI6 } from 'openai-6';

/** OpenAI's clients that people use, by their major version. Told apart by their private parts alone. */
export const OPENAI_VERSIONS: readonly (readonly [string, typeof OpenAI])[] = [
  ['openai 7', OpenAI],
  ['openai 6', OpenAI6 as unknown as typeof OpenAI],
];
