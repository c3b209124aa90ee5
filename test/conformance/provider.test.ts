import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import { Fold } from '../../src/core/fold.ts';
import type { Provider, ProviderCall } from '../../src/providers/provider.ts';
import { createProviders, PROVIDER_NAMES, type Providers } from '../../src/providers/registry.ts';
import { collect, deployment, type Outcome, providerCall, userRequest } from '../support/provider-calls.ts';
import { type Step, UpstreamServer } from '../support/upstream-server.ts';

/** What an upstream can do, for a provider to make of it what `provider.ts` says. */
type Behaviour = 'answer' | 'two choices' | 'empty' | 'truncate' | 'refuse' | 'overloaded' | 'hang';

/** Makes an upstream of one provider behave, and says which model of it to ask. */
type Arrange = (behaviour: Behaviour) => string;

const TEXT = 'Grüße, 世界 🙂';

let upstream: UpstreamServer;
let providers: Providers;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  providers = createProviders();
});
afterAll(async () => {
  await providers.close();
  await upstream.stop();
});

function openaiEvents(index: number): string[] {
  const chunk = (delta: unknown, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({ choices: [{ index, delta, finish_reason }] })}\n\n`;
  return [chunk({ role: 'assistant', content: '' }), chunk({ content: TEXT }), chunk({}, 'stop')];
}

const usage = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n';
const [begin = '', middle = '', end = ''] = openaiEvents(0);
const overload = '{"error":{"message":"Overloaded"}}';

const OPENAI: Record<Behaviour, { status?: number; steps: Step[] }> = {
  answer: { steps: [begin, middle, end, usage, 'data: [DONE]\n\n'] },
  'two choices': { steps: [...openaiEvents(0), ...openaiEvents(1), usage] },
  empty: { steps: [begin, end, usage] },
  truncate: { steps: [begin, middle] },
  refuse: { status: 400, steps: ['{"error":{"message":"No","param":"n"}}'] },
  overloaded: {
    steps: [begin, middle, `data: ${overload.replace('{"message"', '{"code":503,"message"')}\n\n`],
  },
  hang: { steps: [begin, middle, 'hang'] },
};

const SCRIPTED: Record<Behaviour, string> = {
  answer: 'echo',
  'two choices': 'echo',
  empty: 'echo?text=',
  truncate: 'echo?truncate_after=1',
  refuse: 'echo?error_status=400',
  overloaded: 'echo?error_after=1&error_status=503',
  hang: 'echo?hang_after=1',
};

const arrangements: Record<(typeof PROVIDER_NAMES)[number], Arrange> = {
  openai: (behaviour) => {
    upstream.script(OPENAI[behaviour]);
    return 'gpt-test';
  },
  scripted: (behaviour) => SCRIPTED[behaviour],
};

describe('the registry', () => {
  it('has every provider under its own name', () => {
    expect([...providers.keys()]).toEqual([...PROVIDER_NAMES]);
    for (const [name, provider] of providers) expect(provider.name).toBe(name);
  });
});

describe.each(Object.entries(arrangements))('provider %s', (name, arrange) => {
  function call(behaviour: Behaviour, changes: Partial<Deployment> = {}, signal?: AbortSignal): ProviderCall {
    const place = { provider: name, apiBase: upstream.url, ...changes };
    return providerCall({
      model: arrange(behaviour),
      deployment: deployment(place),
      ...(signal && { signal }),
    });
  }

  function provider(): Provider {
    const found = providers.get(name);
    if (!found) throw new Error(`There is no provider ${name}.`);
    return found;
  }

  function ask(behaviour: Behaviour, changes?: Partial<Deployment>): Promise<Outcome> {
    const request = userRequest(TEXT, behaviour === 'two choices' ? { n: 2 } : {});
    return collect(provider().stream(request, call(behaviour, changes)));
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
    const early = provider().stream(userRequest(TEXT), call('answer', {}, AbortSignal.abort(reason)));
    expect(await collect(early)).toEqual({ deltas: [], error: reason });

    for (const last of ['start', 'text']) {
      const controller = new AbortController();
      const seen: string[] = [];
      const reading = (async () => {
        for await (const { type } of provider().stream(
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
