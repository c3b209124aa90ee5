import { z } from 'zod';
import { type CompletionRequest, completionRequestSchema } from '../../core/completion.ts';
import { refuseOwnFields } from '../own-fields.ts';
import { refuse } from '../refuse.ts';

const tokens = z.array(z.int());

/**
 * A request to OpenAI's completions, https://platform.openai.com/docs/api-reference/completions/create. `logprobs` may ask
 * for as many as chat's `top_logprobs`. What the endpoint shares with chat is checked as there, the rest passes through.
 */
export const textCompletionSchema = completionRequestSchema
  .omit({ messages: true, logprobs: true, top_logprobs: true })
  .extend({
    prompt: z.union([z.string(), z.array(z.union([z.string(), z.int(), tokens]))]),
    suffix: z.string().nullish(),
    best_of: z.int().min(1).nullish(),
    echo: z.boolean().nullish(),
    logprobs: z.int().min(0).max(20).nullish(),
  });

/** A request of completions, checked. */
export type TextCompletionRequest = z.infer<typeof textCompletionSchema>;

/** What chat completions call otherwise, and what to write here. */
const CHAT_FIELDS: Readonly<Record<string, string>> = { messages: 'prompt', top_logprobs: 'logprobs' };

/**
 * The chat completion that answers the same: the prompt is one message of the user. Without `max_tokens` the model's own
 * limit holds, not the 16 tokens of OpenAI's first models, in which those of today have not begun to answer.
 *
 * @throws {SluiceError} naming the field that a chat completion cannot honour.
 */
export function toChat(body: TextCompletionRequest): CompletionRequest {
  refuseForeign(body);
  refuseOwnFields(body);
  const { prompt: _, suffix, best_of, echo, logprobs, ...shared } = body;
  const content = promptOf(body);
  if (suffix) {
    refuseUnsupported(
      'suffix',
      'text cannot be inserted between a prompt and a suffix; put both into the prompt',
    );
  }
  if (best_of && best_of !== (body.n ?? 1)) {
    refuseUnsupported('best_of', 'every answer that was made is returned; leave it out, or set it to n');
  }
  if (echo && typeof logprobs === 'number') {
    refuseUnsupported('logprobs', 'the tokens of an echoed prompt have none; leave out echo or logprobs');
  }
  return {
    ...shared,
    messages: [{ role: 'user', content }],
    ...(typeof logprobs === 'number' && { logprobs: true }),
    ...(logprobs && { top_logprobs: logprobs }),
  };
}

/** The only prompt of a request. */
export function promptOf({ prompt }: TextCompletionRequest): string {
  if (typeof prompt === 'string') return prompt;
  const [only] = prompt;
  if (prompt.some((item) => typeof item !== 'string')) {
    refuseUnsupported('prompt', 'tokens differ from model to model; send the text of the prompt');
  }
  if (typeof only === 'string' && prompt.length === 1) return only;
  refuseUnsupported('prompt', `there must be one prompt, not ${prompt.length}; send a request for each`);
}

function refuseForeign(body: TextCompletionRequest): void {
  for (const [name, instead] of Object.entries(CHAT_FIELDS)) {
    if (body[name] === undefined || body[name] === null) continue;
    const message = `Unknown parameter: '${name}'. Use '${instead}' here, or ask /v1/chat/completions.`;
    refuse('unknown_parameter', message, name);
  }
}

function refuseUnsupported(param: string, why: string): never {
  refuse('unsupported_value', `Unsupported '${param}': ${why}.`, param);
}
