import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { decodeVector } from '../../src/core/embedding.ts';
import { compatible } from '../../src/providers/presets.ts';
import { MODULES } from '../../src/providers/registry.ts';
import { deployment, providerCall } from '../support/provider-calls.ts';
import { sharedProviders } from '../support/shared-providers.ts';
import type { Script } from '../support/upstream-server.ts';
import { EMBEDDING_SCRIPTS } from './upstreams/embeddings.ts';

const shared = sharedProviders();

const SECRET = 'sk-quetzal-0123456789';
const JSON_TYPE = { 'content-type': 'application/json' };

const PRESETS = new Set(compatible.map(({ info }) => info.name));

const embedding = MODULES.flatMap(({ info: { name }, about }) =>
  about.embeddings === undefined ? [] : [[name, about.embeddings.name] as const],
);

it('only those have embeddings that say so', () => {
  const able = MODULES.filter(({ createEmbed }) => createEmbed !== undefined).map(({ info }) => info.name);
  expect(embedding.map(([name]) => name)).toEqual(able);
  expect(able).toEqual(
    expect.arrayContaining(['openai', 'azure', 'azure_ai', 'mistral', 'gemini', 'cohere', 'ollama']),
  );
});

describe.each(embedding)('embeddings of %s (%s)', (name, format) => {
  const scripts = EMBEDDING_SCRIPTS[format];
  if (scripts === undefined) throw new Error(`The upstream of ${format} is not described.`);

  function embed(changes: Partial<Deployment> = {}, signal = new AbortController().signal) {
    const { embed } = shared.provider(name);
    if (embed === undefined) throw new Error(`${name} does not embed.`);
    const place = { provider: name, apiBase: shared.upstream.url, apiKey: SECRET, ...changes };
    const call = providerCall({ model: 'the-model', deployment: deployment(place), signal });
    return embed({ model: 'm', input: ['one', 'two'] }, call);
  }

  function answered(script: Script, changes: Partial<Deployment> = {}) {
    shared.upstream.script(script);
    return embed(changes);
  }

  const whole = (body: object): Script => ({ headers: JSON_TYPE, steps: [JSON.stringify(body)] });

  it('are read in the order of the inputs', async () => {
    const { vectors, usage } = await answered(whole(scripts.answer));
    expect(vectors.map(decodeVector)).toEqual([
      [0.5, -2],
      [1.25, 0],
    ]);
    const { tokens } = scripts;
    expect(usage).toEqual(tokens && { prompt_tokens: tokens, completion_tokens: 0, total_tokens: tokens });
  });

  // Presets are data: what holds for one of them holds for all.
  if (PRESETS.has(name) && name !== 'openai_like') return;

  it('that are missing or broken are no answer', async () => {
    await expect(answered(whole(scripts.lacking))).rejects.toMatchObject({
      code: 'upstream_invalid_response',
      message: `${name} answered 2 inputs with 1 embeddings.`,
    });
    for (const body of [scripts.broken, {}, { data: 7, embeddings: 'x' }]) {
      await expect(answered(whole(body))).rejects.toMatchObject({ code: 'upstream_invalid_response' });
    }
    for (const text of ['', '[]', '"x"', 'null', '{"data":[{"emb', '<html>']) {
      const asking = answered({ headers: JSON_TYPE, steps: text === '' ? [] : [text] });
      await expect(asking).rejects.toMatchObject({ code: 'upstream_invalid_response' });
    }
  });

  it('that break off are truncated', async () => {
    const half = JSON.stringify(scripts.answer).slice(0, 20);
    const asking = answered({ headers: JSON_TYPE, steps: [half, 'reset'] });
    await expect(asking).rejects.toMatchObject({ code: 'upstream_truncated', retryable: true });
  });

  it('that are refused have the error’s meaning, and not the key', async () => {
    const error = { error: { message: `Slow down, ${SECRET}.` } };
    const headers = { ...JSON_TYPE, 'retry-after': '7' };
    const asking = answered({ status: 429, headers, steps: [JSON.stringify(error)] });
    await expect(asking).rejects.toMatchObject({
      code: 'rate_limit_exceeded',
      retryAfter: 7,
      message: expect.not.stringContaining(SECRET),
    });
    const overloaded = { error: { message: `Not with ${SECRET}.`, type: 'overloaded' } };
    await expect(answered(whole(overloaded))).rejects.toMatchObject({
      code: 'upstream_overloaded',
      message: expect.not.stringContaining(SECRET),
    });
    await expect(answered(whole({ hello: SECRET }))).rejects.toMatchObject({
      code: 'upstream_invalid_response',
      message: expect.not.stringContaining(SECRET),
    });
  });

  it('that do not come are not waited for', async () => {
    const asking = answered({ before: 'hang', steps: [] }, { streamTimeout: 0.05 });
    await expect(asking).rejects.toMatchObject({ code: 'upstream_timeout' });
    const slow = answered({ headers: JSON_TYPE, steps: ['{', 'hang'] }, { timeout: 0.1 });
    await expect(slow).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('that nobody wants any more are hung up on', async () => {
    const controller = new AbortController();
    const calls = shared.upstream.exchanges.length;
    shared.upstream.script({ before: 'hang', steps: [] });
    const asking = embed({}, controller.signal);
    asking.catch(() => {});
    const { closed } = await shared.upstream.received(calls + 1);
    controller.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
    await closed;
  });
});

it('an answer without end is not read to its end', async () => {
  const mebibyte = ' '.repeat(1024 * 1024);
  shared.upstream.script({
    headers: JSON_TYPE,
    steps: [...Array.from({ length: 81 }, () => mebibyte), 'hang'],
  });
  const place = deployment({ apiBase: shared.upstream.url });
  const asking = shared
    .provider('openai')
    .embed?.({ model: 'm', input: 'one' }, providerCall({ deployment: place }));
  await expect(asking).rejects.toMatchObject({
    code: 'upstream_invalid_response',
    message: 'openai sent an answer of more than 80 MiB',
  });
});
