import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as remote from '../../src/client/index.ts';
import type { CompletionParams } from '../../src/local/index.ts';
import * as local from '../../src/local/index.ts';
import { createLocalCompletions } from '../../src/local/local-completions.ts';
import { answers } from '../support/chat-upstream.ts';
import { configured, deployment } from '../support/local-sluice.ts';
import { sharedSluice } from '../support/shared-sluice.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

const env = { OPENAI_API_KEY: 'sk-openai', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
const sluice = sharedSluice({ env });
beforeAll(() => {
  Object.assign(process.env, env, { SLUICE_BASE_URL: sluice.url });
});

const messages = [{ role: 'user' as const, content: 'go' }];
const ask = { model: 'gpt-4o', messages };

/** What a call is refused with. */
async function refusal(call: () => unknown): Promise<local.APIError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof local.APIError) return error;
    throw error;
  }
  throw new Error('The call was not refused.');
}

/** A mistake that no type would let pass. */
function wrong(params: object): CompletionParams {
  return params as CompletionParams;
}

describe.each<[string, object, Partial<local.APIError>, string]>([
  [
    'messages that are missing',
    { model: 'gpt-4o' },
    { name: 'BadRequestError', status: 400, code: 'missing_required_parameter', param: 'messages' },
    "Missing required parameter: 'messages'.",
  ],
  [
    'messages that are none',
    { ...ask, messages: [] },
    { name: 'BadRequestError', status: 400, code: 'empty_array', param: 'messages' },
    "Invalid 'messages': empty array.",
  ],
  [
    'a role that there is not',
    { ...ask, messages: [{ role: 'owner', content: 'go' }] },
    { name: 'BadRequestError', status: 400, code: 'invalid_value', param: 'messages[0].role' },
    "Invalid value: 'owner'. Supported values are: 'system',",
  ],
  [
    'a number out of bounds',
    { ...ask, temperature: 3 },
    { name: 'BadRequestError', status: 400, code: 'decimal_above_max_value', param: 'temperature' },
    "Invalid 'temperature': decimal above maximum value.",
  ],
  [
    'a field that is for another surface',
    { ...ask, extra_body: { reasoning_summary: 'auto' } },
    { name: 'BadRequestError', status: 400, code: 'unknown_parameter', param: 'reasoning_summary' },
    "Unknown parameter: 'reasoning_summary'.",
  ],
  [
    'a timeout that is none',
    { ...ask, timeout: -1 },
    { name: 'BadRequestError', status: 400, code: 'decimal_below_min_value', param: 'timeout' },
    "Invalid 'timeout': decimal below minimum value.",
  ],
  [
    'nesting that only an attack would have',
    { ...ask, extra_body: { deep: JSON.parse('['.repeat(100) + ']'.repeat(100)) } },
    { name: 'BadRequestError', status: 400, code: 'invalid_value', param: null },
    'The request body is nested more than 64 levels deep.',
  ],
  [
    'a model that there is not',
    { ...ask, model: 'opnai/gpt-4o' },
    { name: 'NotFoundError', status: 404, code: 'model_not_found', param: 'model' },
    "The model 'opnai/gpt-4o' does not exist. Did you mean 'openai/gpt-4o'",
  ],
])('%s', (_what, params, expected, message) => {
  it('is the same mistake with and without a server', async () => {
    const errors = [];
    for (const { completion, acompletion } of [remote, local]) {
      errors.push(await refusal(() => completion(wrong(params))));
      errors.push(await refusal(() => acompletion(wrong({ ...params, stream: true }))));
      const { stream } = { stream: completion({ ...wrong(params), stream: true }) };
      errors.push(await refusal(() => stream[Symbol.asyncIterator]().next()));
    }
    for (const error of errors) {
      expect(error).toMatchObject({ ...expected, retryable: false, jobId: null });
      expect(error.message).toContain(message);
      expect(error.message).toBe(errors[0]?.message);
    }
  });
});

it('a request that JSON has no words for is refused', async () => {
  const circle: { self?: object } = {};
  circle.self = circle;
  const error = await refusal(() => local.completion({ ...ask, extra_body: { circle } }));
  expect(error).toMatchObject({ name: 'BadRequestError', code: 'invalid_json' });
});

it('a request is as it was when it was made', async () => {
  const { completion } = createLocalCompletions({});
  const asked = [{ role: 'user' as const, content: 'before' }];
  const answer = completion({ model: 'scripted/echo', messages: asked });
  asked.push({ role: 'user', content: 'after' });
  expect((await answer).choices[0]?.message.content).toBe('before');
});

describe('without a configuration file', () => {
  it.each<[string, string, string]>([
    [
      'gpt-4o',
      'AuthenticationError',
      'OpenAI cannot be called: api_key is required. To call it, set OPENAI_API_KEY, or give apiKey.',
    ],
    ['anthropic/claude-x', 'AuthenticationError', 'set ANTHROPIC_API_KEY'],
    ['azure/deployment', 'BadRequestError', 'set AZURE_API_BASE'],
  ])('%s says what it needs', async (model, name, message) => {
    const { completion } = createLocalCompletions({});
    const error = await refusal(() => completion({ ...ask, model }));
    expect(error.name).toBe(name);
    expect(error.message).toContain(message);
  });

  it('what only servers read does not matter', async () => {
    const noise = { HOST: '0.0.0.0', PORT: 'COM1', REDIS_URL: 'nowhere', LOG_LEVEL: 'loud' };
    const { completion } = createLocalCompletions(noise);
    const { choices } = await completion({ ...ask, model: 'scripted/echo' });
    expect(choices[0]?.message.content).toBe('go');
  });
});

describe('a configuration with mistakes', () => {
  it('fails a call with all of them', async () => {
    const config = {
      model_list: [
        { model_name: 'm', litellm_params: { model: 'nobody/m', api_key: 'os.environ/KEY_OF_M' } },
      ],
      router_settings: { num_retries: -1 },
    };
    const { completion } = configured(config);
    const error = await refusal(() => completion({ ...ask, model: 'm' }));
    expect(error).toMatchObject({ name: 'APIError', code: 'invalid_configuration', status: null });
    expect(error.message).toContain('The configuration has 3 mistakes:');
    for (const place of ['litellm_params.model', 'KEY_OF_M', 'num_retries']) {
      expect(error.message).toContain(place);
    }
  });

  it('is read again once it may be mended', async () => {
    const environment: NodeJS.ProcessEnv = { OPENAI_API_KEY: 'two words' };
    const { completion } = createLocalCompletions(environment);
    const call = () => completion({ ...ask, model: 'scripted/echo' });
    expect((await refusal(call)).message).toContain('OPENAI_API_KEY');
    environment.OPENAI_API_KEY = 'sk-openai';
    expect((await call()).choices[0]?.message.content).toBe('go');
  });
});

describe('what a call says itself', () => {
  let upstream: UpstreamServer;
  beforeAll(async () => {
    upstream = await UpstreamServer.start();
    upstream.script(answers(['whole']));
  });
  beforeEach(() => {
    upstream.exchanges.length = 0;
  });
  afterAll(() => upstream.stop());

  const sent = () => upstream.exchanges.map(({ path, headers }) => [path, headers.authorization]);

  it('goes before the configuration, for this call alone', async () => {
    const { completion } = configured({ model_list: [deployment('m', `${upstream.url}/configured`)] });
    await completion({ ...ask, model: 'm', apiKey: 'sk-own', baseURL: `${upstream.url}/own/` });
    await completion({ ...ask, model: 'm' });
    await completion({ ...ask, model: 'm', apiKey: null });
    expect(sent()).toEqual([
      ['/own/chat/completions', 'Bearer sk-own'],
      ['/configured/chat/completions', 'Bearer sk-test'],
      ['/configured/chat/completions', undefined],
    ]);
  });

  it('is enough for a provider of which nothing is known', async () => {
    const { completion } = createLocalCompletions({ OPENAI_BASE_URL: `${upstream.url}/usual` });
    await completion({ ...ask, model: 'gpt-4o', apiKey: 'sk-own' });
    await completion({ ...ask, model: 'openai/mine', baseURL: upstream.url });
    expect(sent()).toEqual([
      ['/usual/chat/completions', 'Bearer sk-own'],
      ['/chat/completions', undefined],
    ]);
  });

  it('is enough for a model that the file does not have', async () => {
    const { completion } = configured({ model_list: [deployment('m', upstream.url)] });
    await completion({ ...ask, model: 'openai/other', apiKey: 'sk-own', baseURL: upstream.url });
    expect(sent()).toEqual([['/chat/completions', 'Bearer sk-own']]);
    expect(await refusal(() => completion({ ...ask, model: 'openai/other' }))).toMatchObject({
      code: 'model_not_found',
    });
  });

  it.each([
    ['apiKey', { apiKey: 'two words' }],
    ['baseURL', { baseURL: 'ftp://somewhere' }],
  ])('is refused where it cannot be: %s', async (param, given) => {
    const { completion } = createLocalCompletions({});
    const error = await refusal(() => completion({ ...ask, ...given }));
    expect(error).toMatchObject({ name: 'BadRequestError', code: 'invalid_value', param });
    expect(error.message).not.toContain('two words');
  });
});
