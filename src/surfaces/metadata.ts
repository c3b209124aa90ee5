import { z } from 'zod';

/** OpenAI's limits of `metadata`. Lengths in characters. */
const PAIRS = 16;
const LONGEST_KEY = 64;
const LONGEST_VALUE = 512;

/** `metadata` of a request. Not zod's own record, which silently drops a key called `__proto__`. */
export const metadata = z
  .unknown()
  .transform((given, context): Record<string, string> => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      context.addIssue({ code: 'invalid_type', expected: 'record', input: given });
      return z.NEVER;
    }
    const pairs = Object.entries(given);
    if (pairs.length > PAIRS) {
      context.addIssue({ code: 'too_big', origin: 'object', maximum: PAIRS, input: given });
    }
    for (const [key, text] of pairs) {
      const shown = key.slice(0, LONGEST_KEY);
      if (key === '' || key.length > LONGEST_KEY) {
        const message = `names must have 1 to ${LONGEST_KEY} characters`;
        context.addIssue({ code: 'custom', message, input: key, path: key === '' ? [] : [shown] });
      }
      if (typeof text !== 'string') {
        context.addIssue({ code: 'invalid_type', expected: 'string', input: text, path: [shown] });
      } else if (text.length > LONGEST_VALUE) {
        const bound = { origin: 'string', maximum: LONGEST_VALUE } as const;
        context.addIssue({ code: 'too_big', ...bound, input: text, path: [shown] });
      }
    }
    return given as Record<string, string>;
  })
  .meta({
    type: 'object',
    maxProperties: PAIRS,
    propertyNames: { minLength: 1, maxLength: LONGEST_KEY },
    additionalProperties: { type: 'string', maxLength: LONGEST_VALUE },
  });
