import type { OpenAI } from 'openai';
import { afterAll } from 'vitest';
import { call } from './api-client.ts';
import { sharedSluice } from './shared-sluice.ts';
import { UpstreamServer } from './upstream-server.ts';

const KEY = 'sk-quetzal-0123456789';

/**
 * A Sluice in front of the scripted provider, and of a server that stands for OpenAI: its responses (`gpt-responses`) and
 * its chat completions (`gpt-chat`).
 */
export async function responsesSluice(settings: object = {}) {
  const upstream = await UpstreamServer.start();
  afterAll(() => upstream.stop());
  const at = { api_base: `${upstream.url}/v1`, api_key: 'sk-upstream' };
  const sluice = sharedSluice({
    config: {
      model_list: [
        { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
        { model_name: 'gpt-responses', litellm_params: { model: 'openai/responses/gpt-test', ...at } },
        { model_name: 'gpt-chat', litellm_params: { model: 'openai/gpt-4o', ...at } },
      ],
      router_settings: { num_retries: 2, retry_after: 0 },
      ...settings,
    },
    env: { SLUICE_MASTER_KEY: KEY },
    secrets: [KEY, 'sk-upstream'],
  });
  const headers = { Authorization: `Bearer ${KEY}` };
  return {
    sluice,
    upstream,
    headers,
    url: (path: string): string => `${sluice.url}/v1/responses${path}`,
    client: (Client: typeof OpenAI, options = {}): OpenAI =>
      new Client({ baseURL: `${sluice.url}/v1`, apiKey: KEY, maxRetries: 0, ...options }),
    /** The request that the upstream server got last. */
    // biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as its receiver would
    sent: (): any => JSON.parse(upstream.exchanges.at(-1)?.body ?? 'null'),
    jobCount: async (): Promise<number> =>
      (await call('GET', `${sluice.url}/v1/jobs?limit=100`, { headers })).body.data.length,
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
