import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begin, delta, end, start, text } from '../support/anthropic-events.ts';
import { type Answer, call, submit } from '../support/api-client.ts';
import { Cluster, getJob, settled } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { metric } from '../support/metrics.ts';
import { openAnswer, textEvent, wholeAnswer } from '../support/openai-stream.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { disagreement } from '../support/stored-job.ts';
import { type Script, UpstreamServer } from '../support/upstream-server.ts';

/** Of what the models below cost, dollars for a token: in, out, and in from the cache. */
const OPUS = { input: 15 / 1e6, output: 75 / 1e6, cached: 1.5 / 1e6 };
const OURS = { input: 0.5, output: 2 };

let upstream: UpstreamServer;
let cluster: Cluster;
let sluice: SluiceProcess;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  const connection = { api_base: upstream.url, api_key: 'sk-test' };
  const priced = { input_cost_per_token: OURS.input, output_cost_per_token: OURS.output };
  const model = (model_name: string, litellm_params: object) => ({
    model_name,
    litellm_params: { ...connection, ...litellm_params },
  });
  cluster = await Cluster.start({
    model_list: [
      model('opus', { model: 'anthropic/claude-opus-4-1' }),
      model('ours', { model: 'openai/ours', ...priced }),
      model('unknown', { model: 'openai/gpt-4o' }),
    ],
    router_settings: { num_retries: 1 },
  });
  sluice = await cluster.run();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await upstream.stop();
});

type Body = Answer['body'];

const ask = (model: string, more: object = {}): object => ({
  model,
  messages: [{ role: 'user', content: 'go' }],
  ...more,
});

async function run(model: string, ...scripts: Script[]): Promise<Body> {
  upstream.script(...scripts);
  return settled(sluice.url, await submit(sluice.url, ask(model)));
}

/** Text as Anthropic begins to stream it. */
const said = (words: string): string =>
  start(0, { type: 'text', text: '' }) + delta(0, { type: 'text_delta', text: words });
const FINISH = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`;
/** A whole answer of a server that sends no usage. */
const WITHOUT_USAGE: Script = {
  steps: [textEvent('Hello, '), textEvent('world!'), FINISH, 'data: [DONE]\n\n'],
};
const WORD = textEvent('word ');
const REFUSED: Script = {
  status: 429,
  headers: { 'content-type': 'application/json' },
  steps: ['{"error":{}}'],
};

/** What usage costs at the prices of the configuration. */
const oursFor = (usage: Body): number =>
  usage.prompt_tokens * OURS.input + usage.completion_tokens * OURS.output;

describe('a job shows what it cost', () => {
  it('at list prices, with the rate of what came from a cache', async () => {
    const counts = { input_tokens: 100, cache_read_input_tokens: 1000, output_tokens: 1 };
    const job = await run('opus', {
      steps: [begin(counts), text(0, 'hi'), end('end_turn', {}, { output_tokens: 50 })],
    });
    const expected = 100 * OPUS.input + 1000 * OPUS.cached + 50 * OPUS.output;
    expect(job.status).toBe('completed');
    expect(job.attempts).toMatchObject([
      {
        usage: { prompt_tokens: 1100, completion_tokens: 50, prompt_tokens_details: { cached_tokens: 1000 } },
        cost: { estimated: false, source: 'price_table', price_date: '2026-09-23' },
      },
    ]);
    expect(job.attempts[0].cost.usd).toBeCloseTo(expected, 12);
    expect(job.cost).toEqual({ usd: job.attempts[0].cost.usd, estimated: false });
    expect(job.attempts[0].usage).toEqual(job.usage);
    expect(job.usage).not.toHaveProperty('estimated');
    const listed = (await call('GET', `${sluice.url}/v1/jobs?limit=1`)).body.data[0];
    expect(listed).toMatchObject({ id: job.id, cost: job.cost });
  });

  it('at the prices of the configuration', async () => {
    const job = await run('ours', wholeAnswer(textEvent('hi')));
    expect(job.attempts[0].cost).toEqual({ usd: 0.5 + 2 * 2, estimated: false, source: 'deployment' });
    expect(job.cost).toEqual({ usd: 4.5, estimated: false });
  });

  it('or that this is unknown', async () => {
    const job = await run('unknown', wholeAnswer(textEvent('hi')));
    expect(job).toMatchObject({ status: 'completed', usage: { total_tokens: 3 }, cost: null });
    expect(job.attempts[0]).toMatchObject({ usage: { total_tokens: 3 }, cost: null });
  });

  it('only once it has settled', async () => {
    upstream.script(openAnswer(WORD));
    const id = await submit(sluice.url, ask('ours'));
    await eventually('the attempt', async () => (await getJob(sluice.url, id)).attempts.length === 1);
    const { cost, attempts } = await getJob(sluice.url, id);
    expect([cost, attempts[0].cost, attempts[0].usage]).toEqual([null, null, null]);
    await call('POST', `${sluice.url}/v1/jobs/${id}/cancel`);
  });
});

describe('what was cut off', () => {
  it('by a cancellation is estimated', async () => {
    upstream.script(openAnswer(WORD, WORD, WORD));
    const id = await submit(sluice.url, ask('ours'));
    await eventually('the text', async () => {
      const job = (await call('GET', `${sluice.url}/v1/jobs/${id}?partial=true`)).body;
      return job.partial?.choices[0].message.content === 'word word word ';
    });
    const { body: job } = await call('POST', `${sluice.url}/v1/jobs/${id}/cancel`);
    expect(job).toMatchObject({ status: 'cancelled', usage: { estimated: true }, cost: { estimated: true } });
    expect(job.usage.completion_tokens).toBeGreaterThan(2);
    expect(job.usage.completion_tokens).toBeLessThan(6);
    expect(job.cost.usd).toBe(oursFor(job.usage));
    expect(job.attempts).toMatchObject([
      { status: 'cancelled', usage: job.usage, cost: { ...job.cost, source: 'deployment' } },
    ]);
    // Its text is what the provider said, and nothing else.
    expect(job.result).not.toHaveProperty('usage');
    expect(await disagreement(cluster, id)).toBeNull();
    const ended = (await cluster.log(id)).at(-1);
    expect(ended?.payload.usage).toEqual(job.usage);
  });

  it('is billed in every attempt', async () => {
    const cut: Script = { steps: [WORD, WORD, 'cut'] };
    const job = await run('ours', cut, wholeAnswer(textEvent('hi')));
    const [first, second] = job.attempts;
    expect(first).toMatchObject({ status: 'failed', usage: { estimated: true }, cost: { estimated: true } });
    expect(second.cost).toEqual({ usd: 4.5, estimated: false, source: 'deployment' });
    expect(first.cost.usd).toBe(oursFor(first.usage));
    expect(job.cost).toEqual({ usd: first.cost.usd + 4.5, estimated: true });
    expect(job.usage).toEqual({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 });
  });

  it('has what the provider had counted before', async () => {
    const words = 'one two three four five six seven eight nine ten';
    const counts = { input_tokens: 1234, output_tokens: 1 };
    const job = await run('opus', { steps: [begin(counts), said(words), 'cut'] });
    expect(job).toMatchObject({ status: 'failed', error: { code: 'upstream_truncated' } });
    expect(job.attempts).toHaveLength(2);
    for (const { usage, cost } of job.attempts) {
      expect(usage).toMatchObject({ prompt_tokens: 1234, estimated: true });
      expect(usage.completion_tokens).toBeGreaterThan(8);
      expect(usage.completion_tokens).toBeLessThan(20);
      const usd = 1234 * OPUS.input + usage.completion_tokens * OPUS.output;
      expect(cost.usd).toBeCloseTo(usd, 12);
      expect(cost.estimated).toBe(true);
    }
    expect(job.usage).toEqual(job.attempts[1].usage);
  });

  it('is not billed where the provider refused', async () => {
    const job = await run('ours', REFUSED, wholeAnswer(textEvent('hi')));
    expect(job.attempts).toMatchObject([
      { status: 'failed', usage: null, cost: { usd: 0, estimated: false, source: 'not_billed' } },
      { status: 'completed', cost: { usd: 4.5 } },
    ]);
    expect(job.cost).toEqual({ usd: 4.5, estimated: false });
  });

  it('has no cost that is known in part only', async () => {
    const job = await run('unknown', { steps: [WORD, 'cut'] }, REFUSED);
    expect(job.attempts).toMatchObject([{ cost: null, usage: { estimated: true } }, { cost: { usd: 0 } }]);
    expect(job.cost).toBeNull();
  });
});

describe('a provider that sends no usage', () => {
  it('is counted for, and says so to every reader alike', async () => {
    const job = await run('ours', WITHOUT_USAGE);
    expect(job).toMatchObject({ status: 'completed', usage: { estimated: true }, cost: { estimated: true } });
    expect(job.cost.usd).toBe(oursFor(job.usage));
    expect(job.result.usage).toEqual(job.usage);
    expect(job.attempts[0].usage).toEqual(job.usage);
    expect(await disagreement(cluster, job.id)).toBeNull();
    const followed = cluster.follow(sluice.url, job.id);
    const { data } = await followed.end;
    expect(data.usage).toEqual(job.usage);
    expect(followed.reader.events.at(-2)?.data).toMatchObject({ choices: [], usage: job.usage });
    expect(followed.reader.text).toBe('Hello, world!');
  });

  it('is counted for in chat completions, whole and streamed', async () => {
    upstream.script(WITHOUT_USAGE);
    const url = `${sluice.url}/v1/chat/completions`;
    const whole = (await call('POST', url, { body: ask('ours') })).body;
    expect(whole.usage).toMatchObject({ completion_tokens: expect.any(Number), estimated: true });
    const streamed = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ask('ours', { stream: true, stream_options: { include_usage: true } })),
    });
    const chunks = (await streamed.text()).split('\n\n').filter((chunk) => chunk.startsWith('data: {'));
    expect(JSON.parse(chunks.at(-1)?.slice('data: '.length) ?? '')).toMatchObject({
      choices: [],
      usage: whole.usage,
    });
  });
});

it('is counted in metrics', async () => {
  const names = ['sluice_tokens_total', 'sluice_cost_usd_total', 'sluice_unpriced_attempts_total'];
  const read = () => Promise.all(names.map((name) => metric(sluice.url, name)));
  const before = await read();
  await run('ours', wholeAnswer(textEvent('hi')));
  await run('unknown', wholeAnswer(textEvent('hi')));
  const after = await read();
  expect(after.map((value, index) => value - (before[index] ?? 0))).toEqual([6, 4.5, 1]);
});
