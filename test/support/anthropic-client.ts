import Anthropic from '@anthropic-ai/sdk';
import { PROMPT } from './ask.ts';
import { keyedSluice } from './keyed-sluice.ts';

export const messages: Anthropic.MessageParam[] = [{ role: 'user', content: PROMPT }];

/** A request for the scripted provider, whose options the client does not know. */
export function ask(mock_response: object | string, changes: object = {}) {
  const whole = { model: 'scripted/echo', max_tokens: 100, messages, mock_response, ...changes };
  return whole as Anthropic.MessageCreateParamsNonStreaming;
}

/** A tool that the client runs. */
export const weather: Anthropic.Tool = {
  name: 'weather',
  description: 'Tells the weather.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
};

/** A message as it came over the wire: the client gives it properties of its own. */
export function plain(message: object) {
  const { parsed_output: _, ...sent } = JSON.parse(JSON.stringify(message));
  return sent;
}

/**
 * A Sluice for the tests of the file that calls this, with a server that stands for Anthropic (`claude`) and for OpenAI
 * (`gpt`); and Anthropic's own client for it, unmodified.
 */
export async function anthropicSluice() {
  const keyed = await keyedSluice((at, url) => [
    {
      model_name: 'claude',
      litellm_params: {
        ...at,
        model: 'anthropic/claude-sonnet-4-5',
        api_base: url,
      },
    },
    { model_name: 'gpt', litellm_params: { ...at, model: 'openai/gpt-5' } },
  ]);
  return {
    ...keyed,
    client: (options = {}): Anthropic =>
      new Anthropic({ baseURL: keyed.sluice.url, apiKey: keyed.apiKey, ...options }),
    /** The job whose answer has this id. */
    job: (messageId: string) => keyed.job(messageId.replace('msg_', 'job_')),
  };
}
