import type { OpenAI } from 'openai';
import { keyedSluice } from './keyed-sluice.ts';

/**
 * A Sluice for the tests of the file that calls this, with a server that stands for OpenAI: its responses (`gpt-responses`)
 * and its chat completions (`gpt-chat`).
 */
export async function responsesSluice(settings: object = {}) {
  const keyed = await keyedSluice(
    (at) => [
      { model_name: 'gpt-responses', litellm_params: { ...at, model: 'openai/responses/gpt-test' } },
      { model_name: 'gpt-chat', litellm_params: { ...at, model: 'openai/gpt-4o' } },
    ],
    { router_settings: { num_retries: 2, retry_after: 0 }, ...settings },
  );
  return {
    ...keyed,
    url: (path: string): string => `${keyed.sluice.url}/v1/responses${path}`,
    client: (Client: typeof OpenAI, options = {}): OpenAI =>
      new Client({ baseURL: `${keyed.sluice.url}/v1`, apiKey: keyed.apiKey, maxRetries: 0, ...options }),
  };
}

/** A request for the scripted provider, whose options the clients do not know. */
export const ask = <Changes extends object>(
  mock_response: object | string,
  changes: Changes = {} as Changes,
) =>
  ({ model: 'scripted/echo', input: 'zanzibar', mock_response, ...changes }) as {
    model: string;
    input: string;
  } & Changes;
