import { z } from 'zod';
import { FINISH_REASONS } from '../../../core/completion.ts';

/** Token counts. What providers count besides passes through. */
export const usage = z
  .looseObject({
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    total_tokens: z.int(),
    estimated: z
      .boolean()
      .optional()
      .meta({ description: 'Sluice counted, because the provider sent no usage or not all of it.' }),
  })
  .meta({ id: 'Usage' });

/** Why a choice ended. */
export const finishReason = z.enum(FINISH_REASONS);

/** A whole answer of chat completions. What providers say besides passes through. */
export const chatCompletion = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int().meta({ description: 'Unix seconds.' }),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          refusal: z.string().nullable(),
          tool_calls: z.array(z.looseObject({ id: z.string(), type: z.literal('function') })).optional(),
        }),
        finish_reason: finishReason.nullable(),
      }),
    ),
    usage: usage.optional(),
  })
  .meta({
    id: 'ChatCompletion',
    example: {
      id: 'chatcmpl-0198d2b6c3f27a41b6a5d0c1e2f3a4b5',
      object: 'chat.completion',
      created: 1_793_675_183,
      model: 'scripted/echo',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Say something.', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
    },
  });
