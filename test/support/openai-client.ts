import { OpenAI } from 'openai';
import { afterAll } from 'vitest';
import { call } from './api-client.ts';
import { PROMPT } from './ask.ts';
import { sharedSluice } from './shared-sluice.ts';
import { UpstreamServer } from './upstream-server.ts';

const KEY = 'sk-quetzal-0123456789';

export const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPT }];

/** A request for the scripted provider, whose options the client does not know. */
export const ask = <Changes extends object>(
  mock_response: object | string,
  changes: Changes = {} as Changes,
) =>
  ({ model: 'scripted/echo', messages, mock_response, ...changes }) as {
    model: string;
    messages: OpenAI.ChatCompletionMessageParam[];
  } & Changes;

/**
 * A Sluice with a key, in front of the scripted provider and of a server that stands for OpenAI (`gpt-4o`),
 * for the tests of the file that calls this; and OpenAI's own client for it, unmodified.
 */
export async function openAiSluice() {
  const upstream = await UpstreamServer.start();
  afterAll(() => upstream.stop());
  const sluice = sharedSluice({
    config: {
      model_list: [
        { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
        {
          model_name: 'gpt-4o',
          litellm_params: {
            model: 'openai/gpt-4o',
            api_base: `${upstream.url}/v1`,
            api_key: 'sk-upstream',
          },
        },
      ],
      router_settings: { num_retries: 0 },
    },
    env: { SLUICE_MASTER_KEY: KEY },
    secrets: [KEY, 'sk-upstream', 'sk-wrong'],
  });
  const headers = { Authorization: `Bearer ${KEY}` };
  const get = async (path: string) => (await call('GET', `${sluice.url}/v1/jobs${path}`, { headers })).body;
  return {
    upstream,
    client: (options = {}, Client = OpenAI): OpenAI =>
      new Client({ baseURL: `${sluice.url}/v1`, apiKey: KEY, ...options }),
    job: (id: string | null | undefined, query = '') => get(`/${id}${query}`),
    jobCount: async (): Promise<number> => (await get('?limit=100')).data.length,
  };
}
