import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anthropic } from '../conformance/upstreams/anthropic.ts';
import { openaiChat } from '../conformance/upstreams/openai-chat.ts';
import { TEXT } from '../conformance/upstreams/upstream-scripts.ts';
import { call, submit } from '../support/api-client.ts';
import { PROMPT } from '../support/ask.ts';
import { sharedSluice } from '../support/shared-sluice.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

const KEYS = { OPENAI_API_KEY: 'sk-openai-0123456789', ANTHROPIC_API_KEY: 'sk-ant-0123456789' };

const upstream = await UpstreamServer.start();
afterAll(() => upstream.stop());

describe('with two keys in the environment and no configuration file', () => {
  const sluice = sharedSluice({
    env: {
      ...KEYS,
      OPENAI_BASE_URL: `${upstream.url}/openai/v1`,
      ANTHROPIC_BASE_URL: `${upstream.url}/anthropic`,
    },
    secrets: Object.values(KEYS),
  });
  const complete = (model: string) => {
    const body = { model, messages: [{ role: 'user', content: PROMPT }] };
    return call('POST', `${sluice.url}/v1/chat/completions`, { body });
  };

  beforeAll(() => {
    upstream.choose = ({ path }) => {
      const { contentType, answer } = path.startsWith('/anthropic/') ? anthropic : openaiChat;
      return { headers: { 'content-type': contentType }, steps: answer };
    };
  });

  test('these two are served, and the start says so', async () => {
    const { body } = await call('GET', `${sluice.url}/v1/models`);
    const names: string[] = body.data.map(({ id }: { id: string }) => id);
    expect(names).toEqual(expect.arrayContaining(['scripted/*', 'openai/*', 'anthropic/*']));
    expect(names).not.toContain('mistral/*');
    const said = sluice.process.log.find(({ msg }) => msg.startsWith('no configuration file: serving '));
    for (const name of names) expect(said?.msg).toContain(name);
  });

  test.each([
    ['gpt-4o', '/openai/v1/chat/completions', 'gpt-4o'],
    ['openai/gpt-4o', '/openai/v1/chat/completions', 'gpt-4o'],
    ['claude-sonnet-4-6', '/anthropic/v1/messages', 'claude-sonnet-4-6'],
    ['anthropic/claude-sonnet-4-6', '/anthropic/v1/messages', 'claude-sonnet-4-6'],
  ])('%s is asked for, and answered under that name', async (model, path, asked) => {
    const { status, body } = await complete(model);
    expect(status).toBe(200);
    expect(body).toMatchObject({ model, choices: [{ message: { content: TEXT } }] });
    const exchange = upstream.exchanges.at(-1);
    expect(exchange?.path).toBe(path);
    expect(JSON.parse(exchange?.body ?? '').model).toBe(asked);
  });

  test('a job is the same', async () => {
    const request = { model: 'gpt-4o', messages: [{ role: 'user', content: PROMPT }] };
    const id = await submit(sluice.url, request);
    const { body } = await call('GET', `${sluice.url}/v1/jobs/${id}?wait=60`);
    expect(body).toMatchObject({
      status: 'completed',
      model: 'gpt-4o',
      attempts: [{ provider: 'openai', model: 'gpt-4o' }],
    });
  });

  test.each([
    ['mistral-large-latest', null],
    ['opnai/gpt-4o', "The model 'opnai/gpt-4o' does not exist. Did you mean 'openai/gpt-4o' or "],
    ['zz/claude-opus-4-1', "Did you mean 'anthropic/claude-opus-4-1' or "],
  ])('%s is not found, and the nearest are named', async (model, message) => {
    const { status, body } = await complete(model);
    expect(status).toBe(404);
    expect(body.error.code).toBe('model_not_found');
    if (message !== null) expect(body.error.message).toContain(message);
  });
});
