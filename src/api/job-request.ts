import { z } from 'zod';
import { timeoutSchema } from '../intake/timeout.ts';
import { chatSurface } from '../surfaces/chat/surface.ts';
import { metadata } from '../surfaces/metadata.ts';
import { SURFACES } from '../surfaces/registry.ts';

const LOWEST_PRIORITY = 2_097_151;

/** Where to tell of an end. `ApiParts.webhookTargets` checks it further. */
export const webhookUrl = z.string().min(1).max(2048);

/** The body of `POST /v1/jobs`. `jobTimeout`: the most seconds that it may ask for. */
export function jobRequestSchema(jobTimeout: number) {
  return z.strictObject({
    url: z.enum(SURFACES.map(({ url }) => url)).default(chatSurface.url),
    body: z.looseObject({}),
    custom_id: z
      .string()
      .min(1)
      .max(512)
      .refine((id) => id.isWellFormed(), 'it has half of a surrogate pair, which is no character')
      .nullish(),
    metadata: metadata.nullish(),
    priority: z.int().min(0).max(LOWEST_PRIORITY).nullish(),
    delay: z.number().min(0).max(jobTimeout).nullish(),
    timeout: timeoutSchema(jobTimeout).nullish(),
    webhook: webhookUrl.nullish(),
  });
}
