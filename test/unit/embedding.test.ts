import { afterAll, describe, expect, test } from 'vitest';
import { decodeVector, encodeVector, inputsOf } from '../../src/core/embedding.ts';
import { Pricing } from '../../src/pricing/pricing.ts';
import { TokenCounter } from '../../src/pricing/token-counter.ts';
import { embeddingsSurface } from '../../src/surfaces/embeddings/surface.ts';
import { deploymentOf, tokens } from '../support/priced-call.ts';

describe('a vector', () => {
  test('is the base64 of little-endian float32s', () => {
    expect(encodeVector([0.5, -2, 1.25])).toBe('AAAAPwAAAMAAAKA/');
    expect(decodeVector('AAAAPwAAAMAAAKA/')).toEqual([0.5, -2, 1.25]);
  });

  test('loses of a number what 32 bits do not hold', () => {
    expect(decodeVector(encodeVector([0.1, 1e-60]))).toEqual([Math.fround(0.1), 0]);
  });
});

test.each([
  ['a', ['a']],
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
  [[1, 2], [[1, 2]]],
  [
    [[1, 2], [3]],
    [[1, 2], [3]],
  ],
])('the inputs of %j', (input, inputs) => {
  expect(inputsOf({ input })).toEqual(inputs);
});

describe('an answer', () => {
  const result = { vectors: ['AAAAPwAAAMA=', 'AACgPwAAAAA='], usage: tokens(3, 0) };
  const job = { model: 'm' } as Parameters<typeof embeddingsSurface.write>[0];
  const list = (first: unknown, second: unknown) => ({
    object: 'list',
    data: [
      { object: 'embedding', index: 0, embedding: first },
      { object: 'embedding', index: 1, embedding: second },
    ],
    model: 'm',
    usage: { prompt_tokens: 3, total_tokens: 3 },
  });

  test('has numbers', () => {
    expect(embeddingsSurface.write(job, { result, echo: null })).toEqual(list([0.5, -2], [1.25, 0]));
  });

  test('has base64 where that was asked for', () => {
    const written = embeddingsSurface.write(job, { result, echo: { encoding_format: 'base64' } });
    expect(written).toEqual(list('AAAAPwAAAMA=', 'AACgPwAAAAA='));
  });
});

describe('what embeddings cost', () => {
  const counter = new TokenCounter({ patience: 60_000 });
  afterAll(() => counter.close());
  const pricing = new Pricing(counter);
  const bill = (name: string, sent: number | null, input: string | number[] = 'one two three') => {
    const deployment = deploymentOf(name);
    const usage = sent === null ? null : tokens(sent, 0);
    const startedAt = new Date('2026-09-23T12:00:00Z');
    const request = { model: 'any', input };
    return pricing.billEmbeddings({ deployment, model: deployment.model, request, usage, startedAt });
  };

  test.each([
    ['openai/text-embedding-3-small', 0.02],
    ['openai/text-embedding-3-large', 0.13],
    ['cohere/embed-v4.0', 0.12],
    ['mistral/mistral-embed', 0.1],
    ['gemini/gemini-embedding-001', 0.15],
  ])('%s: %d dollars for a million tokens', async (name, usd) => {
    const { cost } = await bill(name, 1_000_000);
    expect(cost).toMatchObject({ usd, estimated: false, source: 'price_table' });
  });

  test('is unknown for a model without prices', async () => {
    expect(await bill('ollama/all-minilm', 3)).toEqual({ usage: tokens(3, 0), cost: null });
  });

  test('is an estimate where the provider does not count', async () => {
    const { usage, cost } = await bill('openai/text-embedding-3-small', null);
    expect(usage).toEqual({ ...tokens(3, 0), estimated: true });
    expect(cost).toMatchObject({ estimated: true });
    expect((await bill('openai/text-embedding-3-small', 0, [1, 2, 3, 4])).usage?.prompt_tokens).toBe(4);
  });
});
