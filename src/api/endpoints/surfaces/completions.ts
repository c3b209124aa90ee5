import { z } from 'zod';
import { usage } from '../schemas/completion.ts';
import type { SurfaceDescription } from './description.ts';

const textCompletion = z
  .looseObject({
    id: z.string(),
    object: z.literal('text_completion'),
    created: z.int().meta({ description: 'Unix seconds.' }),
    model: z.string(),
    choices: z.array(
      z.looseObject({ index: z.int(), text: z.string(), finish_reason: z.string().nullable() }),
    ),
    usage: usage.optional(),
  })
  .meta({ id: 'TextCompletion' });

const CHUNK = {
  id: 'cmpl-0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
  object: 'text_completion',
  created: 1_793_675_183,
  model: 'scripted/echo',
  choices: [{ index: 0, text: 'Say', logprobs: null, finish_reason: null }],
};

/** `POST /v1/completions`. */
export const completionsDescription: SurfaceDescription = {
  name: 'createCompletion',
  summary: 'Complete a prompt',
  description: "OpenAI's legacy completions, for any model: the prompt becomes a chat of one message.",
  request: 'TextCompletionRequest',
  answer: textCompletion,
  events: `data: ${JSON.stringify(CHUNK)}\n\ndata: [DONE]\n\n`,
  examples: { 'A prompt': { model: 'scripted/echo', prompt: 'Say something.' } },
};
