import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { Fold } from '../../src/core/fold.ts';
import type { ProviderCall } from '../../src/providers/provider-call.ts';
import { ScriptedProvider } from '../../src/providers/scripted.ts';
import { collect, deployment, type Outcome, providerCall, userRequest } from '../support/provider-calls.ts';

const TEXT = 'Grüße, 世界 🙂';

/** What the model name makes the provider do. */
const MODELS = {
  answer: 'echo',
  'two choices': 'echo',
  empty: 'echo?text=',
  truncate: 'echo?truncate_after=1',
  refuse: 'echo?error_status=400',
  overloaded: 'echo?error_after=1&error_status=503',
  hang: 'echo?hang_after=1',
} as const;
type Behaviour = keyof typeof MODELS;

const provider = new ScriptedProvider();

describe('the scripted provider', () => {
  function call(behaviour: Behaviour, changes: Partial<Deployment> = {}, signal?: AbortSignal): ProviderCall {
    return providerCall({
      model: MODELS[behaviour],
      deployment: deployment({ provider: 'scripted', ...changes }),
      ...(signal && { signal }),
    });
  }

  function ask(behaviour: Behaviour, changes?: Partial<Deployment>): Promise<Outcome> {
    const request = userRequest(TEXT, behaviour === 'two choices' ? { n: 2 } : {});
    return collect(provider.stream(request, call(behaviour, changes)));
  }

  it('yields start first, finish once, usage last', async () => {
    const { deltas, error } = await ask('answer');
    expect(error).toBeNull();
    const types = deltas.map(({ type }) => type).filter((type) => type !== 'text');
    expect(types).toEqual(['start', 'finish', 'usage']);
    expect(deltas[0]).toMatchObject({ type: 'start', choice: 0 });
    const fold = new Fold();
    for (const delta of deltas) fold.add(delta);
    const { choices } = fold.completion({ id: 'i', created: 0, model: 'm' });
    expect(choices[0]).toMatchObject({ message: { content: TEXT }, finish_reason: 'stop' });
    expect(fold.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('keeps choices apart', async () => {
    const { deltas, error } = await ask('two choices');
    expect(error).toBeNull();
    for (const choice of [0, 1]) {
      const own = deltas.filter((delta) => 'choice' in delta && delta.choice === choice);
      expect(own[0]?.type).toBe('start');
      expect(own.at(-1)?.type).toBe('finish');
      expect(own.map((delta) => (delta.type === 'text' ? delta.text : '')).join('')).toBe(TEXT);
    }
    expect(deltas.filter(({ type }) => type === 'usage')).toHaveLength(1);
  });

  it('ends an empty answer as an answer', async () => {
    const { deltas, error } = await ask('empty');
    expect(error).toBeNull();
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'finish', 'usage']);
  });

  it('throws upstream_truncated for an end without a finish, after what came', async () => {
    const { deltas, error } = await ask('truncate');
    expect(error).toMatchObject({ name: 'SluiceError', code: 'upstream_truncated', retryable: true });
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'text']);
  });

  it('throws what an error answer means, before any delta', async () => {
    const { deltas, error } = await ask('refuse');
    expect(error).toMatchObject({ name: 'SluiceError', code: 'upstream_bad_request', retryable: false });
    expect(deltas).toEqual([]);
  });

  it('throws what an error inside a stream means, after what came', async () => {
    const { deltas, error } = await ask('overloaded');
    expect(error).toMatchObject({ name: 'SluiceError', code: 'upstream_overloaded', retryable: true });
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'text']);
  });

  it.each([
    ['streamTimeout', { streamTimeout: 0.05 }],
    ['timeout', { timeout: 0.05 }],
  ])('throws upstream_timeout when %s is over', async (_name, changes) => {
    const { error } = await ask('hang', changes);
    expect(error).toMatchObject({ name: 'SluiceError', code: 'upstream_timeout', retryable: true });
  });

  it('throws the reason of an abort, whenever it comes', async () => {
    const reason = new Error('cancelled');
    const early = provider.stream(userRequest(TEXT), call('answer', {}, AbortSignal.abort(reason)));
    expect(await collect(early)).toEqual({ deltas: [], error: reason });

    for (const last of ['start', 'text']) {
      const controller = new AbortController();
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { type } of provider.stream(
          userRequest(TEXT),
          call('hang', {}, controller.signal),
        )) {
          seen.push(type);
          if (type === last) controller.abort(reason);
        }
      })();
      await expect(reading).rejects.toBe(reason);
      expect(seen.at(-1)).toBe(last);
    }
  });
});
