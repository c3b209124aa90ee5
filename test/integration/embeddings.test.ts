import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, submit } from '../support/api-client.ts';
import { Cluster, getJob, settled } from '../support/cluster.ts';
import { expectError } from '../support/expect-error.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

let upstream: UpstreamServer;
let cluster: Cluster;
let sluice: SluiceProcess;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  const served = { api_base: upstream.url, api_key: 'sk-test' };
  cluster = await Cluster.start({
    model_list: [
      { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
      {
        model_name: 'ours',
        litellm_params: {
          ...served,
          model: 'openai/ours',
          input_cost_per_token: 0.5,
          output_cost_per_token: 2,
        },
      },
      { model_name: 'claude', litellm_params: { ...served, model: 'anthropic/claude-opus-4-1' } },
    ],
    router_settings: { num_retries: 1 },
    general_settings: { max_output_bytes: 10_000 },
  });
  sluice = await cluster.run();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await upstream.stop();
});

const model = 'scripted/embed';

const post = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  call('POST', `${sluice.url}/v1/embeddings`, { body, headers });

const submitted = (body: object): Promise<string> => submit(sluice.url, body, { url: '/v1/embeddings' });

/** What an embedding server answers with one vector of 0.5 and -2. */
const ANSWER = {
  headers: { 'content-type': 'application/json' },
  steps: [
    JSON.stringify({
      data: [{ index: 0, embedding: [0.5, -2] }],
      usage: { prompt_tokens: 7, total_tokens: 7 },
    }),
  ],
};

describe('a job with embeddings', () => {
  it('has attempts and an end in its log, and its vectors as its result', async () => {
    const id = await submitted({ model, input: ['one two', 'three'], dimensions: 2 });
    const { reader, end } = cluster.follow(sluice.url, id);
    expect((await end).data).toMatchObject({
      status: 'completed',
      finish_reason: null,
      digest: { deltas: 0 },
    });
    expect(reader.events.map(({ event }) => event)).toEqual(['attempt', 'completed']);
    const job = await getJob(sluice.url, id);
    expect(job).toMatchObject({
      status: 'completed',
      url: '/v1/embeddings',
      usage: { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 },
      result: { object: 'list', model, data: [{ index: 0 }, { index: 1 }] },
    });
    const [first] = job.result.data;
    expect(Math.hypot(...first.embedding)).toBeCloseTo(1, 6);
    expect((await call('GET', `${sluice.url}/v1/jobs/${id}/result`)).body).toEqual(job.result);
    const base64 = await post({ model, input: 'one two', dimensions: 2, encoding_format: 'base64' });
    const bytes = Buffer.from(base64.body.data[0].embedding, 'base64');
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual(first.embedding);
  });

  it('is tried again after a rate limit', async () => {
    const id = await submitted({ model, input: 'one', mock_response: { retry_after: 1, fail_attempts: 1 } });
    const { reader, end } = cluster.follow(sluice.url, id);
    expect((await end).event).toBe('completed');
    expect(reader.events.map(({ event }) => event)).toEqual(['attempt', 'retry', 'attempt', 'completed']);
    const { attempts } = await getJob(sluice.url, id);
    expect(attempts).toMatchObject([
      { status: 'failed', error: { code: 'rate_limit_exceeded' }, cost: { source: 'not_billed' } },
      { status: 'completed' },
    ]);
  });

  it('that is cancelled hangs up on the provider, and leaves nothing', async () => {
    upstream.script({ before: 'hang', steps: [] });
    const calls = upstream.exchanges.length;
    const id = await submitted({ model: 'ours', input: 'one' });
    const { closed } = await upstream.received(calls + 1);
    expect((await call('GET', `${sluice.url}/v1/jobs/${id}?partial=true`)).body).not.toHaveProperty(
      'partial',
    );
    const { body } = await call('POST', `${sluice.url}/v1/jobs/${id}/cancel`);
    expect(body).toMatchObject({ status: 'cancelled', result: null });
    await closed;
  });

  it('costs what its prompt costs', async () => {
    upstream.script(ANSWER);
    const job = await settled(sluice.url, await submitted({ model: 'ours', input: 'one' }));
    expect(job).toMatchObject({ status: 'completed', cost: { usd: 3.5, estimated: false } });
  });

  it('of a provider that does not count has its tokens counted', async () => {
    const steps = ['{"data":[{"embedding":[1]}]}'];
    upstream.script({ headers: { 'content-type': 'application/json' }, steps });
    const job = await settled(sluice.url, await submitted({ model: 'ours', input: [[1, 2], [3]] }));
    expect(job).toMatchObject({ status: 'failed', error: { code: 'upstream_invalid_response' } });
    upstream.script({ headers: { 'content-type': 'application/json' }, steps });
    const whole = await settled(sluice.url, await submitted({ model: 'ours', input: [1, 2, 3] }));
    expect(whole).toMatchObject({
      usage: { prompt_tokens: 3, total_tokens: 3, estimated: true },
      result: { usage: { prompt_tokens: 3, total_tokens: 3 } },
      cost: { usd: 1.5, estimated: true },
    });
  });

  it('asks the scripted provider for no more numbers than it can make in passing', async () => {
    const answer = await post({ model, input: ['one', 'two'], dimensions: 500_001 });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({
      param: 'dimensions',
      message: 'The scripted provider makes up to 1000000 numbers at once, not 2 × 500001.',
    });
  });

  it('expires at its deadline', async () => {
    upstream.script({ before: 'hang', steps: [] });
    const id = await submit(
      sluice.url,
      { model: 'ours', input: 'one' },
      { url: '/v1/embeddings', timeout: 0.5 },
    );
    expect(await settled(sluice.url, id)).toMatchObject({ status: 'expired', result: null });
  });

  it('whose log has expired has its attempt and its end told again', async () => {
    const id = await submitted({ model, input: 'one' });
    await settled(sluice.url, id);
    await cluster.client.del(`sluice:{${id}}:log`);
    const { reader, end } = cluster.follow(sluice.url, id);
    expect((await end).data).toMatchObject({ status: 'completed', replayed_from: 'result' });
    expect(reader.events.map(({ event }) => event)).toEqual(['attempt', 'completed']);
  });
});

describe('a request for embeddings', () => {
  it('under one key is one job', async () => {
    const headers = { 'Idempotency-Key': 'once' };
    const body = { model, input: 'one' };
    const first = await post(body, headers);
    const second = await post(body, headers);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.headers.get('x-sluice-job-id')).toBe(first.headers.get('x-sluice-job-id'));
    expectError(
      await post({ ...body, encoding_format: 'base64' }, headers),
      422,
      'idempotency_key_reused',
      null,
    );
  });

  it('to a provider that has none is refused, naming it', async () => {
    const message = 'anthropic has no embeddings: choose a model of a provider that has.';
    expectError(await post({ model: 'claude', input: 'one' }), 400, 'unsupported_value', 'model', message);
  });

  it('whose vectors are larger than an output may be fails, and is billed', async () => {
    const answer = await post({ model, input: ['one', 'two'], dimensions: 1000 });
    expect(answer).toMatchObject({ status: 502, body: { error: { code: 'output_too_large' } } });
    const { usage } = await getJob(sluice.url, answer.headers.get('x-sluice-job-id') ?? '');
    expect(usage).toMatchObject({ prompt_tokens: 2 });
  });

  it('may be a job at once', async () => {
    const answer = await post({ model, input: 'one' }, { Prefer: 'respond-async, wait=20' });
    expect(answer).toMatchObject({ status: 200, body: { object: 'job', result: { object: 'list' } } });
  });

  const good = { model, input: 'one' };
  it.each<[string, string, object, string]>([
    ['missing_required_parameter', 'input', { model }, "Missing required parameter: 'input'."],
    [
      'invalid_type',
      'input',
      { ...good, input: 7 },
      "Invalid type for 'input': expected one of a string or array, but got an integer instead.",
    ],
    [
      'empty_string',
      'input',
      { ...good, input: '' },
      "Invalid 'input': empty string. Expected a string with minimum length 1, but got an empty string instead.",
    ],
    [
      'empty_string',
      'input[1]',
      { ...good, input: ['one', ''] },
      "Invalid 'input[1]': empty string. Expected a string with minimum length 1, but got an empty string instead.",
    ],
    [
      'empty_array',
      'input',
      { ...good, input: [] },
      "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    ],
    [
      'integer_below_min_value',
      'input[1]',
      { ...good, input: [1, -1] },
      "Invalid 'input[1]': integer below minimum value. Expected a value >= 0, but got -1 instead.",
    ],
    [
      'integer_below_min_value',
      'input[0][1]',
      { ...good, input: [[1, -2]] },
      "Invalid 'input[0][1]': integer below minimum value. Expected a value >= 0, but got -2 instead.",
    ],
    [
      'empty_array',
      'input[1]',
      { ...good, input: [[1], []] },
      "Invalid 'input[1]': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    ],
    [
      'array_above_max_length',
      'input',
      { ...good, input: Array.from({ length: 2049 }, String) },
      "Invalid 'input': array too long. Expected an array with maximum length 2048, but got an array with length 2049 instead.",
    ],
    [
      'invalid_value',
      'input',
      { ...good, input: ['one', 1] },
      "Invalid 'input': it must be all texts, all tokens of one text, or all lists of tokens.",
    ],
    [
      'invalid_type',
      'input[0]',
      { ...good, input: [{ text: 'one' }] },
      "Invalid type for 'input[0]': expected one of a string, integer, or array, but got an object instead.",
    ],
    [
      'invalid_value',
      'encoding_format',
      { ...good, encoding_format: 'int8' },
      "Invalid value: 'int8'. Supported values are: 'float' and 'base64'.",
    ],
    [
      'integer_below_min_value',
      'dimensions',
      { ...good, dimensions: 0 },
      "Invalid 'dimensions': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    ],
    [
      'unsupported_value',
      'stream',
      { ...good, stream: true },
      "Unsupported 'stream': embeddings come whole; leave it out.",
    ],
    [
      'unknown_parameter',
      'messages',
      { ...good, messages: [] },
      "Unknown parameter: 'messages'. Use 'input' here, or ask /v1/chat/completions.",
    ],
  ])('%s at %s', async (code, param, body, message) => {
    expectError(await post(body), 400, code, param, message);
  });
});
