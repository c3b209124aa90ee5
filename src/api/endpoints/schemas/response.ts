import { z } from 'zod';

/** A response of OpenAI's API. What it repeats of its request passes through. */
export const response = z
  .looseObject({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int().meta({ description: 'Unix seconds.' }),
    status: z.enum(['queued', 'in_progress', 'completed', 'failed', 'cancelled', 'incomplete']),
    error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
    incomplete_details: z.looseObject({ reason: z.string() }).nullable(),
    model: z.string(),
    output: z.array(z.looseObject({ type: z.string() })),
    usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int(), total_tokens: z.int() }).nullable(),
    metadata: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Response' });
