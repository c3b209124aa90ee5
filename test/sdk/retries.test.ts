import Anthropic from '@anthropic-ai/sdk';
import { OpenAI } from 'openai';
import { OpenAI as OpenAI6 } from 'openai-6';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { type ForgetfulProxy, startForgetfulProxy } from '../support/forgetful-proxy.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();
let proxy: ForgetfulProxy;

beforeAll(async () => {
  proxy = await startForgetfulProxy(sluice.url);
});
afterAll(() => proxy.stop());

const messages = [{ role: 'user' as const, content: 'once' }];
const baseURL = () => `${proxy.url}/v1`;

/** How each official client asks, with a key of its own and the retries that it makes by itself. */
const CLIENTS: Readonly<Record<string, (key: Record<string, string>) => Promise<string>>> = {
  'openai, responses': async (headers) => {
    const client = new OpenAI({ baseURL: baseURL(), apiKey: 'any' });
    return (await client.responses.create({ model: 'scripted/echo', input: 'once' }, { headers })).id;
  },
  'openai, streamed': async (headers) => {
    const client = new OpenAI({ baseURL: baseURL(), apiKey: 'any' });
    const body = { model: 'scripted/echo', messages };
    return (await client.chat.completions.stream(body, { headers }).finalChatCompletion()).id;
  },
  anthropic: async (headers) => {
    const client = new Anthropic({ baseURL: proxy.url, apiKey: 'any' });
    const body = { model: 'scripted/echo', max_tokens: 10, messages };
    return (await client.messages.create(body, { headers })).id;
  },
  'anthropic, streamed': async (headers) => {
    const client = new Anthropic({ baseURL: proxy.url, apiKey: 'any' });
    const body = { model: 'scripted/echo', max_tokens: 10, messages };
    return (await client.messages.stream(body, { headers }).finalMessage()).id;
  },
  openai: async (headers) => {
    const client = new OpenAI({ baseURL: baseURL(), apiKey: 'any' });
    return (await client.chat.completions.create({ model: 'scripted/echo', messages }, { headers })).id;
  },
  'openai, the major before': async (headers) => {
    const client = new OpenAI6({ baseURL: baseURL(), apiKey: 'any' });
    return (await client.chat.completions.create({ model: 'scripted/echo', messages }, { headers })).id;
  },
};

async function jobIds(): Promise<string[]> {
  const { data } = (await call('GET', `${sluice.url}/v1/jobs?limit=100`)).body;
  return data.map(({ id }: { id: string }) => id);
}

describe.each(Object.entries(CLIENTS))('%s', (name, ask) => {
  test('repeats a request whose answer was lost, and gets the answer of the same job', async () => {
    const before = await jobIds();
    const lostBefore = proxy.lost;
    proxy.lose(2);
    const id = await ask({ 'Idempotency-Key': `lost by ${name}` });
    expect(proxy.lost - lostBefore).toBe(2);
    const made = (await jobIds()).filter((job) => !before.includes(job));
    expect(made).toHaveLength(1);
    expect(id.slice(-32)).toBe(made[0]?.slice(-32));
  });
});

test('an error that another try cannot change tells clients not to repeat it', async () => {
  const body = { body: { model: 'scripted/echo?hang_after=0', messages } };
  const { id } = (await call('POST', `${sluice.url}/v1/jobs`, { body })).body;
  const answer = await call('DELETE', `${sluice.url}/v1/jobs/${id}`);
  expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([409, 'false']);
  await call('POST', `${sluice.url}/v1/jobs/${id}/cancel`);
});
