import { OpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODULES } from '../../src/providers/registry.ts';
import { OWN_UPSTREAMS } from '../conformance/upstreams/all.ts';
import { openaiChat } from '../conformance/upstreams/openai-chat.ts';
import { TEXT, type UpstreamScripts } from '../conformance/upstreams/upstream-scripts.ts';
import { submit } from '../support/api-client.ts';
import { PROMPT } from '../support/ask.ts';
import { Cluster, settled } from '../support/cluster.ts';
import { expectQuietLog } from '../support/shared-sluice.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';
import { type Aside, type Exchange, type Script, UpstreamServer } from '../support/upstream-server.ts';

const KEY = 'sk-upstream-0123456789';
/** What a rate limit asks to be waited for, in seconds: longer than the backoff, which would do without it. */
const RETRY_AFTER = 1;

/** A provider in one of the formats that it speaks, as the model group `group`. */
interface Case {
  readonly group: string;
  readonly provider: string;
  readonly scripts: UpstreamScripts;
}

const CASES: readonly Case[] = MODULES.flatMap(({ info: { name: provider } }) =>
  (OWN_UPSTREAMS[provider] ?? [openaiChat]).map((scripts, index) => ({
    group: `${provider}-${index + 1}`,
    provider,
    scripts,
  })),
);

/** The part of the upstream server that stands for one provider. */
class Branch {
  /** Rate limits that are still to be answered before the answer. */
  limits = 0;
  readonly #scripts: UpstreamScripts;
  readonly #asides: readonly Aside[];

  constructor(scripts: UpstreamScripts, base: string) {
    this.#scripts = scripts;
    this.#asides = scripts.asides?.(base) ?? [];
  }

  answer({ method, path }: Exchange): Script {
    const aside = this.#asides.find(({ request }) => request.test(`${method} ${path}`));
    if (aside !== undefined) return aside.script;
    if (this.limits === 0) {
      return { headers: { 'content-type': this.#scripts.contentType }, steps: this.#scripts.answer };
    }
    this.limits -= 1;
    const headers = { 'content-type': 'application/json', 'retry-after': String(RETRY_AFTER) };
    return { status: 429, headers, steps: [this.#scripts.errorBody(429, 'Slow down.')] };
  }
}

function entryOf({ group, provider, scripts }: Case, base: string): object {
  const { settings, apiKey = KEY, extraHeaders, apiBase = base } = scripts.deployment ?? {};
  const params = { model: `${provider}/${scripts.model}`, api_key: apiKey, api_base: apiBase };
  return { model_name: group, litellm_params: { ...params, ...settings, extra_headers: extraHeaders ?? {} } };
}

describe('every provider, through the queue', () => {
  const branches = new Map<string, Branch>();
  let upstream: UpstreamServer;
  let cluster: Cluster;
  let sluice: SluiceProcess;

  beforeAll(async () => {
    upstream = await UpstreamServer.start();
    const baseOf = ({ group }: Case): string => `${upstream.url}/${group}`;
    for (const each of CASES) branches.set(each.group, new Branch(each.scripts, baseOf(each)));
    upstream.choose = (exchange) => branches.get(exchange.path.split('/')[1] ?? '')?.answer(exchange);
    cluster = await Cluster.start({
      model_list: [
        ...CASES.map((each) => entryOf(each, baseOf(each))),
        {
          model_name: 'without-provider',
          litellm_params: { model: 'gpt-4o', api_base: `${upstream.url}/openai-1`, api_key: KEY },
        },
      ],
      router_settings: { num_retries: 1 },
    });
    sluice = await cluster.run();
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await upstream.stop();
    expectQuietLog(sluice, [KEY]);
  });

  const request = (model: string) => ({ model, messages: [{ role: 'user' as const, content: PROMPT }] });

  it('is configured without a warning', () => {
    expect(sluice.log.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('is told by the name of a well-known model', async () => {
    const job = await settled(sluice.url, await submit(sluice.url, request('without-provider')));
    expect(job).toMatchObject({ status: 'completed', attempts: [{ provider: 'openai', model: 'gpt-4o' }] });
  });

  describe('a chat completion is streamed', () => {
    it.each(CASES)('by $group', async ({ group }) => {
      const client = new OpenAI({ baseURL: `${sluice.url}/v1`, apiKey: 'any', maxRetries: 0 });
      const stream = await client.chat.completions.create({
        ...request(group),
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = '';
      const finishes: string[] = [];
      const totals: (number | undefined)[] = [];
      for await (const { choices, usage, model } of stream) {
        expect(model).toBe(group);
        for (const { delta, finish_reason } of choices) {
          text += delta.content ?? '';
          if (finish_reason !== null) finishes.push(finish_reason);
        }
        if (usage) totals.push(usage.total_tokens);
      }
      expect({ text, finishes, totals }).toEqual({
        text: TEXT,
        finishes: ['stop'],
        totals: [expect.any(Number)],
      });
    });
  });

  describe('a job is completed', () => {
    it.each(CASES)('by $group', async ({ group, provider }) => {
      const job = await settled(sluice.url, await submit(sluice.url, request(group)));
      expect(job).toMatchObject({ status: 'completed', model: group, finish_reason: 'stop', error: null });
      expect(job.attempts).toMatchObject([{ epoch: 1, provider, status: 'completed', error: null }]);
      expect(job.result).toMatchObject({
        object: 'chat.completion',
        model: group,
        choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }],
        usage: job.usage,
      });
      const { prompt_tokens, completion_tokens, total_tokens } = job.usage;
      expect(total_tokens).toBeGreaterThan(0);
      expect(prompt_tokens + completion_tokens).toBe(total_tokens);
    });
  });

  describe('a rate limit is waited for', () => {
    const ids = new Map<string, string>();

    beforeAll(async () => {
      // All at once: each of them waits.
      for (const branch of branches.values()) branch.limits = 1;
      for (const { group } of CASES) ids.set(group, await submit(sluice.url, request(group)));
    });

    it.each(CASES)('of $group', async ({ group, provider }) => {
      const id = ids.get(group) ?? '';
      const job = await settled(sluice.url, id);
      expect(job.attempts).toMatchObject([
        { epoch: 1, provider, status: 'failed', error: { code: 'rate_limit_exceeded' } },
        { epoch: 2, provider, status: 'completed', error: null },
      ]);
      expect(job).toMatchObject({ status: 'completed', finish_reason: 'stop', error: null });
      expect(job.result.choices[0].message.content).toBe(TEXT);
      const [first, second] = await cluster.attempts(id);
      const waited = Number(second?.startedAt) - Number(first?.startedAt);
      expect(waited).toBeGreaterThanOrEqual(1000 * RETRY_AFTER);
    });
  });
});
