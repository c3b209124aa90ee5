import Anthropic from '@anthropic-ai/sdk';
import { afterAll } from 'vitest';
import { call } from './api-client.ts';
import { PROMPT } from './ask.ts';
import { sharedSluice } from './shared-sluice.ts';
import { UpstreamServer } from './upstream-server.ts';

const KEY = 'sk-quetzal-0123456789';

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
 * A Sluice with a key, in front of the scripted provider and of one server that stands for Anthropic (`claude`) and for
 * OpenAI (`gpt`), for the tests of the file that calls this; and Anthropic's own client for it, unmodified.
 */
export async function anthropicSluice() {
  const upstream = await UpstreamServer.start();
  afterAll(() => upstream.stop());
  const place = { api_base: `${upstream.url}/v1`, api_key: 'sk-upstream' };
  const sluice = sharedSluice({
    config: {
      model_list: [
        { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
        {
          model_name: 'claude',
          litellm_params: { ...place, model: 'anthropic/claude-sonnet-4-5', api_base: upstream.url },
        },
        { model_name: 'gpt', litellm_params: { ...place, model: 'openai/gpt-5' } },
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
    sluice,
    headers,
    /** The body of the last request that the upstream got. */
    sent: () => JSON.parse(upstream.exchanges.at(-1)?.body ?? 'null'),
    client: (options = {}): Anthropic => new Anthropic({ baseURL: sluice.url, apiKey: KEY, ...options }),
    /** The job whose answer has this id. */
    job: (messageId: string) => get(`/job_${messageId.slice('msg_'.length)}`),
    jobs: async (): Promise<{ id: string; status: string }[]> => (await get('?limit=100')).data,
  };
}
