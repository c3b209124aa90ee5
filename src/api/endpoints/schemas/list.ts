import { z } from 'zod';

/** A page of a list of such items, as OpenAI's API gives them; `routes/page.ts` writes it. */
export function listOf(item: z.ZodType): z.ZodType {
  return z.strictObject({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable().meta({ description: 'Send it as `after` for the next page.' }),
    has_more: z.boolean(),
  });
}
