import { type CompletionContent, identityOf, type Job } from '../../core/job.ts';
import type { Fields } from '../../core/json.ts';
import { chatSurface } from './surface.ts';

/** Request fields that OpenAI's stored object repeats, under the same names. */
const REPEATED = [
  'tool_choice',
  'seed',
  'top_p',
  'temperature',
  'presence_penalty',
  'frequency_penalty',
  'tools',
  'response_format',
] as const;

/**
 * A stored chat completion as it is retrieved and listed: the answer, and what of its request OpenAI's has. Null is what is
 * not known, such as a default of the provider's.
 */
export function writeStored(job: Job, content: CompletionContent): Fields {
  const { request } = content;
  const repeated = REPEATED.map((name) => [name, request[name] ?? null] as const);
  return {
    service_tier: null,
    ...chatSurface.write(job, content),
    ...Object.fromEntries(repeated),
    input_user: request.user ?? null,
  };
}

/** The messages of a stored chat completion's request, oldest first, each with an id. */
export function writeStoredMessages(job: Job, { request }: CompletionContent): Fields[] {
  const { id } = identityOf(job);
  return request.messages.map((message, index) => {
    const { content } = message;
    const parts = Array.isArray(content);
    return {
      id: `${id}-${index}`,
      // The clients' types have it of every message.
      refusal: null,
      ...message,
      content: parts ? null : (content ?? null),
      name: message.name ?? null,
      content_parts: parts ? content : null,
    };
  });
}
