import type { CompletionRequest } from '../../src/core/completion.ts';
import type { SluiceError } from '../../src/core/errors.ts';
import { messagesSurface } from '../../src/surfaces/messages/surface.ts';
import { validate } from '../../src/surfaces/validate.ts';

export const user = { role: 'user', content: 'hi' };

/** A request of Anthropic's messages with these fields, as the surface understands it. */
export function read(fields: object) {
  const body = validate(messagesSurface.schema, { model: 'm', max_tokens: 5, messages: [user], ...fields });
  return messagesSurface.parse(body, null);
}

/** That request in canonical terms. */
export const request = (fields: object = {}) => read(fields).request as CompletionRequest;

/** What an attempt is refused with. */
export function refusal(attempt: () => unknown): SluiceError | null {
  try {
    attempt();
    return null;
  } catch (error) {
    return error as SluiceError;
  }
}
