import { describe, test } from 'vitest';
import { type Answer, call } from '../support/api-client.ts';
import { expectError, expectNoJobs } from '../support/expect-error.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice({
  config: {
    model_list: [
      { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
      { model_name: 'gpt-4o', litellm_params: { model: 'scripted/echo' } },
    ],
    general_settings: { job_timeout: 3600 },
  },
});

const post = (path: string, raw: string): Promise<Answer> => call('POST', `${sluice.url}${path}`, { raw });

const messages = [{ role: 'user', content: 'hi' }];
const good = { model: 'gpt-4o', messages };

describe('a chat completion request', () => {
  test.each<[object, string, string | null, string]>([
    [
      { model: 'gpt-4o' },
      'missing_required_parameter',
      'messages',
      "Missing required parameter: 'messages'.",
    ],
    [
      { ...good, reasoning_summary: 'auto' },
      'unknown_parameter',
      'reasoning_summary',
      "Unknown parameter: 'reasoning_summary'. Only /v1/responses has summaries: ask there, with reasoning.summary.",
    ],
    [{ messages }, 'missing_required_parameter', 'model', "Missing required parameter: 'model'."],
    [
      { ...good, messages: [] },
      'empty_array',
      'messages',
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    ],
    [
      { ...good, messages: 'hi' },
      'invalid_type',
      'messages',
      "Invalid type for 'messages': expected an array, but got a string instead.",
    ],
    [
      { ...good, messages: [null] },
      'invalid_type',
      'messages[0]',
      "Invalid type for 'messages[0]': expected an object, but got null instead.",
    ],
    [
      { ...good, messages: [...messages, { content: 'hi' }] },
      'missing_required_parameter',
      'messages[1].role',
      "Missing required parameter: 'messages[1].role'.",
    ],
    [
      { ...good, messages: [{ role: 'robot', content: 'hi' }] },
      'invalid_value',
      'messages[0].role',
      "Invalid value: 'robot'. Supported values are: 'system', 'developer', 'user', 'assistant', 'tool', and 'function'.",
    ],
    [
      { ...good, messages: [{ role: 'user', content: 5 }] },
      'invalid_type',
      'messages[0].content',
      "Invalid type for 'messages[0].content': expected one of a string or array, but got an integer instead.",
    ],
    [
      { ...good, messages: [{ role: 'user', content: [{ text: 'hi' }] }] },
      'missing_required_parameter',
      'messages[0].content[0].type',
      "Missing required parameter: 'messages[0].content[0].type'.",
    ],
    [
      { ...good, model: 7 },
      'invalid_type',
      'model',
      "Invalid type for 'model': expected a string, but got an integer instead.",
    ],
    [
      { ...good, model: '' },
      'empty_string',
      'model',
      "Invalid 'model': empty string. Expected a string with minimum length 1, but got an empty string instead.",
    ],
    [
      { ...good, model: 'x'.repeat(10_000) },
      'string_above_max_length',
      'model',
      "Invalid 'model': string too long. Expected a string with maximum length 512, but got a string with length 10000 instead.",
    ],
    [
      { ...good, stream: 'yes' },
      'invalid_type',
      'stream',
      "Invalid type for 'stream': expected a boolean, but got a string instead.",
    ],
    [
      { ...good, temperature: 'hot' },
      'invalid_type',
      'temperature',
      "Invalid type for 'temperature': expected a decimal number, but got a string instead.",
    ],
    [
      { ...good, temperature: 3 },
      'decimal_above_max_value',
      'temperature',
      "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
    ],
    [
      { ...good, top_p: -0.5 },
      'decimal_below_min_value',
      'top_p',
      "Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -0.5 instead.",
    ],
    [
      { ...good, n: 0 },
      'integer_below_min_value',
      'n',
      "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    ],
    [
      { ...good, n: 129 },
      'integer_above_max_value',
      'n',
      "Invalid 'n': integer above maximum value. Expected a value <= 128, but got 129 instead.",
    ],
    [
      { ...good, max_tokens: 1.5 },
      'invalid_type',
      'max_tokens',
      "Invalid type for 'max_tokens': expected an integer, but got a decimal number instead.",
    ],
    [
      { ...good, stop: ['a', 1] },
      'invalid_type',
      'stop[1]',
      "Invalid type for 'stop[1]': expected a string, but got an integer instead.",
    ],
    [
      { ...good, tools: {} },
      'invalid_type',
      'tools',
      "Invalid type for 'tools': expected an array, but got an object instead.",
    ],
    [
      { ...good, stream_options: true },
      'invalid_type',
      'stream_options',
      "Invalid type for 'stream_options': expected an object, but got a boolean instead.",
    ],
  ])('%j is refused as OpenAI refuses it', async (body, code, param, message) => {
    const answer = await post('/v1/chat/completions', JSON.stringify(body));
    expectError(answer, 400, code, param, message);
    const asJob = await post('/v1/jobs', JSON.stringify({ body }));
    expectError(asJob, 400, code, `body.${param}`, message.replace(`'${param}'`, `'body.${param}'`));
  });

  test.each([
    ['gpt-4', "The model 'gpt-4' does not exist. Did you mean 'gpt-4o' or 'scripted/gpt-4'?"],
    ['scriptd/echo', "The model 'scriptd/echo' does not exist. Did you mean 'scripted/echo' or 'gpt-4o'?"],
    ['scripted/', "The model 'scripted/' does not exist. Did you mean 'scripted/' or 'gpt-4o'?"],
    ['*', null],
    ['../../etc/passwd', null],
    ['\u0000', null],
    ['__proto__', null],
  ])('an unknown model, %j, is not found, and the nearest are named', async (model, message) => {
    const body = { ...good, model };
    const answer = await post('/v1/chat/completions', JSON.stringify(body));
    expectError(answer, 404, 'model_not_found', 'model', message ?? undefined);
    const asJob = await post('/v1/jobs', JSON.stringify({ body }));
    expectError(asJob, 404, 'model_not_found', 'body.model', message ?? undefined);
  });
});

test('none of this has made a job', async () => {
  await expectNoJobs(sluice.url);
});
