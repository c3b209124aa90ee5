import { afterEach, describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import type { Delta } from '../../src/core/delta.ts';
import { Pricing } from '../../src/pricing/pricing.ts';
import { requestCountable } from '../../src/pricing/texts.ts';
import { TokenCounter } from '../../src/pricing/token-counter.ts';
import { eventually } from '../support/eventually.ts';
import { CUT, type PricedOptions, pricedCall, tokens } from '../support/priced-call.ts';

/** Ms that the thread may take to begin, on a machine that is busy. */
const PATIENT = { patience: 30_000 };

let counter = new TokenCounter(PATIENT);
afterEach(async () => {
  await counter.close();
  counter = new TokenCounter(PATIENT);
});

describe('a count', () => {
  // Counts of tiktoken for o200k_base.
  it.each([
    ['hello world', 2],
    ['Hello, world!', 4],
    ['', 0],
    ['<|endoftext|>', 7],
  ])('of %j is %i', async (text, expected) => {
    expect(await counter.count([text])).toBe(expected);
  });

  it('is that of all texts together', async () => {
    expect(await counter.count(['hello world', '', 'Hello, world!'])).toBe(6);
  });

  it('of a long text is near what it would be', async () => {
    const sentence = 'The quick brown fox jumps over the lazy dog. ';
    const one = (await counter.count([sentence.repeat(2)])) - (await counter.count([sentence]));
    for (const times of [1000, 100_000]) {
      const count = await counter.count([sentence.repeat(times)]);
      expect(Math.abs(count / (times * one) - 1)).toBeLessThan(0.02);
    }
  });

  it.each([
    ['spaces', ' '],
    ['one letter', 'a'],
    [
      'characters that never repeat',
      String.fromCharCode(...Array.from({ length: 20_000 }, (_, at) => 0x4e00 + at)),
    ],
    ['line breaks', '\n'],
  ])('of megabytes of %s takes little time, and hardly any of it here', async (_, piece) => {
    await counter.count(['warm']);
    const text = piece.repeat(Math.ceil(16_000_000 / piece.length));
    const began = performance.now();
    const busy = process.threadCpuUsage();
    expect(await counter.count([text])).toBeGreaterThan(100_000);
    const { user, system } = process.threadCpuUsage(busy);
    // Microseconds. All of it, one after the other, would take from ten seconds to hours.
    expect(user + system).toBeLessThan(100_000);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('is made of bytes where the thread does not answer in time', async () => {
    const hasty = new TokenCounter({ patience: 0 });
    expect(await hasty.count(['x'.repeat(400)])).toBe(100);
    expect(await hasty.count(['é'.repeat(400)])).toBe(200);
    await hasty.close();
  });

  it('is made of bytes where too many wait', async () => {
    const text = 'word '.repeat(60_000);
    const counts = await Promise.all(Array.from({ length: 40 }, () => counter.count([text])));
    expect(counts.at(-1)).toBe(Math.ceil(text.length / 4));
    expect(counts[0]).toBeLessThan(65_000);
  });

  it('survives the end of its thread', async () => {
    const waiting = counter.count(['x'.repeat(400)]);
    await counter.close();
    expect(await waiting).toBe(100);
    expect(await counter.count(['hello world'])).toBe(2);
  });

  it('keeps no thread that has nothing to do', async () => {
    const brief = new TokenCounter({ ...PATIENT, idle: 1 });
    expect(brief.running).toBe(false);
    expect(await brief.count(['hello world'])).toBe(2);
    await eventually('the thread to end', () => !brief.running);
    expect(await brief.count(['hello world'])).toBe(2);
    await brief.close();
  });
});

describe('a request', () => {
  const countable = (request: object) => requestCountable(request as CompletionRequest);
  const user = (content: unknown) => ({ model: 'm', messages: [{ role: 'user', content }] });

  it('is read in all its texts', () => {
    const call = { id: 'c', type: 'function', function: { name: 'look', arguments: '{"at":1}' } };
    const tools = [{ type: 'function', function: { name: 'look' } }];
    const { texts, tokens: fixed } = countable({
      model: 'm',
      tools,
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', name: 'Ann', content: [{ type: 'text', text: 'see' }] },
        { role: 'assistant', content: null, reasoning_content: 'hm', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c', content: 'seen' },
      ],
    });
    expect(texts).toEqual([
      ...['system', 'be brief', 'user', 'Ann', 'see', 'assistant', 'hm', 'look', '{"at":1}', 'tool', 'seen'],
      JSON.stringify(tools),
    ]);
    expect(fixed).toBe(3 + 4 * 3);
  });

  it('counts images by what they usually take, and never by their bytes', () => {
    const image = (detail?: string) => ({
      type: 'image_url',
      image_url: { url: 'data:image/png;base64,AAAA', detail },
    });
    expect(countable(user([image()]))).toEqual({ texts: ['user'], tokens: 6 + 765 });
    expect(countable(user([image('low'), image('high')]))).toMatchObject({ tokens: 6 + 85 + 765 });
  });

  it('leaves out what it cannot count', () => {
    const sound = { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } };
    expect(countable(user([sound]))).toEqual({ texts: ['user'], tokens: 6 });
  });
});

describe('usage', () => {
  const bill = (usage: Parameters<typeof pricedCall>[1], options: PricedOptions) =>
    new Pricing(counter).bill(pricedCall('openai/gpt-4o', usage, options));
  // `user`, `go`, three for the message and three before the answer.
  const ASKED = 8;

  it('that the provider sent with a whole answer stays as it is', async () => {
    const sent = tokens(7, 9);
    expect((await bill(sent, {})).usage).toBe(sent);
    expect(counter.running).toBe(false);
  });

  it('is counted where the provider sent none, and so is the cost', async () => {
    expect(await bill(null, {})).toEqual({
      usage: { ...tokens(ASKED, 4), estimated: true },
      cost: {
        usd: (ASKED * 2.5 + 4 * 10) / 1e6,
        estimated: true,
        source: 'price_table',
        price_date: '2026-09-23',
      },
    });
  });

  it('is counted where the provider says that nothing was used', async () => {
    expect((await bill(tokens(0, 0), {})).usage).toEqual({ ...tokens(ASKED, 4), estimated: true });
  });

  it('of an answer that was cut off has the prompt as the provider counted it', async () => {
    const sent = tokens(1000, 1, { prompt_tokens_details: { cached_tokens: 600 } });
    const { usage, cost } = await bill(sent, { deltas: CUT });
    expect(usage).toEqual({
      ...tokens(1000, 4),
      prompt_tokens_details: { cached_tokens: 600 },
      estimated: true,
    });
    expect(cost).toMatchObject({ usd: (400 * 2.5 + 600 * 1.25 + 4 * 10) / 1e6, estimated: true });
  });

  it('of an answer that was cut off is no less than the provider had counted', async () => {
    const { usage } = await bill(tokens(1000, 250), { deltas: CUT });
    expect(usage).toEqual({ ...tokens(1000, 250), estimated: true });
  });

  it('of an answer that never began is that of the prompt', async () => {
    expect((await bill(null, { deltas: [] })).usage).toEqual({ ...tokens(ASKED, 0), estimated: true });
  });

  it('counts reasoning, refusals, tool calls and every choice', async () => {
    const deltas: Delta[] = [
      { type: 'start', choice: 0 },
      { type: 'reasoning', choice: 0, text: 'hello world' },
      { type: 'text', choice: 0, text: 'Hello, world!' },
      { type: 'tool_call', choice: 0, call: 0, id: 'c', name: 'hello world', arguments: 'hello world' },
      { type: 'text', choice: 1, text: 'hello world' },
      { type: 'refusal', choice: 1, text: 'hello world' },
    ];
    expect((await bill(null, { deltas })).usage?.completion_tokens).toBe(2 + 4 + 2 + 2 + 2 + 2);
  });
});
