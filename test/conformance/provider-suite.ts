import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { ProviderCall } from '../../src/providers/provider-call.ts';
import { createProviders, type Providers } from '../../src/providers/registry.ts';
import { decode } from '../support/decode.ts';
import { collect, deployment, type Outcome, providerCall, userRequest } from '../support/provider-calls.ts';
import { type Script, UpstreamServer } from '../support/upstream-server.ts';
import { TEXT, type UpstreamScripts } from './upstreams/upstream-scripts.ts';

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

function completionOf(deltas: readonly Delta[]) {
  const fold = new Fold();
  for (const delta of deltas) fold.add(delta);
  return fold.completion({ id: 'i', created: 0, model: 'm' });
}

/** Invented ids differ from call to call. */
function withoutIds(deltas: readonly Delta[]): unknown[] {
  return deltas.map((delta) => (delta.type === 'tool_call' ? { ...delta, id: typeof delta.id } : delta));
}

/** The same bytes, one at a time. */
function bytewise(pieces: readonly (string | Uint8Array)[]): Uint8Array[] {
  return [...Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)))].map((byte) =>
    Buffer.of(byte),
  );
}

/** What every provider must do, whatever it speaks. `scripts` says how its upstream behaves. */
export function describeProvider(name: string, scripts: UpstreamScripts): void {
  describe(`provider ${name}, ${scripts.format.name}`, () => {
    const { model, contentType: type } = scripts;

    function call(changes: Partial<Deployment> = {}, signal?: AbortSignal): ProviderCall {
      const place = { provider: name, apiBase: upstream.url, ...scripts.deployment, ...changes };
      return providerCall({ model, deployment: deployment(place), ...(signal && { signal }) });
    }

    function provider(): Provider {
      const found = providers.get(name);
      if (!found) throw new Error(`There is no provider ${name}.`);
      return found;
    }

    function ask(script: Script, changes: Partial<Deployment> = {}, fields: object = {}): Promise<Outcome> {
      upstream.script({ headers: { 'content-type': type }, ...script });
      return collect(provider().stream(userRequest('hi', fields), call(changes)));
    }

    /** A call whose request has arrived; its outcome is still to come. */
    async function begun(
      script: Script,
      changes: Partial<Deployment>,
    ): Promise<{ outcome: Promise<Outcome> }> {
      const count = upstream.exchanges.length;
      upstream.script(script);
      const outcome = collect(provider().stream(userRequest('hi'), call(changes)));
      await upstream.received(count + 1);
      return { outcome };
    }

    it('yields start first, finish once, usage last', async () => {
      const { deltas, error } = await ask({ steps: scripts.answer });
      expect(error).toBeNull();
      const types = deltas.map(({ type }) => type).filter((type) => type !== 'text');
      expect(types).toEqual(['start', 'finish', 'usage']);
      expect(deltas[0]).toMatchObject({ type: 'start', choice: 0 });
      const { choices, usage } = completionOf(deltas);
      expect(choices[0]).toMatchObject({ message: { content: TEXT }, finish_reason: 'stop' });
      expect(usage?.total_tokens).toBeGreaterThan(0);
    });

    it('keeps choices apart', async ({ skip }) => {
      if (scripts.twoChoices === null) return skip('cannot be asked for two');
      const { deltas, error } = await ask({ steps: scripts.twoChoices }, {}, { n: 2 });
      expect(error).toBeNull();
      for (const choice of [0, 1]) {
        const own = deltas.filter((delta) => 'choice' in delta && delta.choice === choice);
        expect(own[0]?.type).toBe('start');
        expect(own.at(-1)?.type).toBe('finish');
        expect(own.map((delta) => (delta.type === 'text' ? delta.text : '')).join('')).toBe(TEXT);
      }
      expect(deltas.filter(({ type }) => type === 'usage')).toHaveLength(1);
    });

    it('numbers tool calls from 0, with ids and arguments that are JSON', async ({ skip }) => {
      if (scripts.tools === null) return skip('has no tools');
      const { deltas, error } = await ask({ steps: scripts.tools });
      expect(error).toBeNull();
      const { message, finish_reason } = completionOf(deltas).choices[0] ?? {};
      expect(finish_reason).toBe('tool_calls');
      const calls = message?.tool_calls ?? [];
      expect(calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)])).toEqual([
        ['look', { at: TEXT }],
        ['stop', {}],
      ]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
      expect(calls.every(({ id }) => id !== '')).toBe(true);
    });

    it('reads the same, cut between any two bytes', async () => {
      for (const answer of [scripts.answer, scripts.tools, scripts.overloaded]) {
        if (answer === null) continue;
        const whole = decode(scripts.format, answer, type);
        const bytes = Buffer.concat(bytewise(answer));
        for (let at = 1; at < bytes.length; at += 1) {
          const cut = decode(scripts.format, [bytes.subarray(0, at), bytes.subarray(at)], type);
          expect(withoutIds(cut.deltas)).toEqual(withoutIds(whole.deltas));
          expect(cut.error).toEqual(whole.error);
        }
      }
      const slow = await ask({ steps: bytewise(scripts.answer) });
      expect(slow).toEqual(await ask({ steps: scripts.answer }));
    });

    it('ends an empty answer as an answer', async () => {
      const { deltas, error } = await ask({ steps: scripts.empty });
      expect(error).toBeNull();
      expect(deltas.map(({ type }) => type)).toEqual(['start', 'finish', 'usage']);
    });

    it.each(['the end', 'cut', 'reset'] as const)(
      'takes %s before a finish for a truncation',
      async (how) => {
        const steps = how === 'the end' ? scripts.cut : [...scripts.cut, how];
        const { deltas, error } = await ask({ steps });
        expect(error).toMatchObject({ name: 'SluiceError', code: 'upstream_truncated', retryable: true });
        const types = deltas.map(({ type }) => type).filter((type) => type !== 'usage');
        expect(types).toEqual(['start', 'text']);
      },
    );

    it('throws what an error inside a stream means, after what came', async () => {
      const { deltas, error } = await ask({ steps: scripts.overloaded });
      expect(error).toMatchObject({ name: 'SluiceError', code: 'upstream_overloaded', retryable: true });
      const types = deltas.map(({ type }) => type).filter((type) => type !== 'usage');
      expect(types).toEqual(['start', 'text']);
    });

    it.each([
      [400, 'upstream_bad_request', false],
      [401, 'upstream_authentication', false],
      [403, 'upstream_permission_denied', false],
      [404, 'upstream_not_found', false],
      [429, 'rate_limit_exceeded', true],
      [500, 'upstream_error', true],
      [503, 'upstream_overloaded', true],
    ])('throws what status %i means, before any delta', async (status, code, retryable) => {
      const headers = { 'content-type': 'application/json', 'retry-after': '7' };
      const { deltas, error } = await ask({ status, headers, steps: [scripts.errorBody(status, 'Nope.')] });
      expect(error).toMatchObject({ name: 'SluiceError', code, retryable, retryAfter: 7 });
      if (status !== 401) expect((error as Error).message).toContain('Nope.');
      expect(deltas).toEqual([]);
    });

    it('quotes what is not an answer', async () => {
      const page = `<p>${'x'.repeat(600)}`;
      const html = await ask({ headers: { 'content-type': 'text/html' }, steps: [page] });
      const nonsense = await ask({ headers: { 'content-type': 'application/json' }, steps: [page] });
      for (const { error, deltas } of [html, nonsense]) {
        expect(error).toMatchObject({ code: 'upstream_invalid_response' });
        expect((error as Error).message).toContain(page.slice(0, 500));
        expect((error as Error).message).not.toContain(page);
        expect(deltas).toEqual([]);
      }
    });

    it('throws upstream_timeout for a silence before the answer or within it, and after the total', async () => {
      const silent: Script = { before: 'hang', steps: [] };
      const halting: Script = { headers: { 'content-type': type }, steps: [...scripts.cut, 'hang'] };
      // One after the other would take a second each: so exact is undici's clock.
      const outcomes = [
        await begun(silent, { streamTimeout: 0.05 }),
        await begun(halting, { streamTimeout: 0.05 }),
        await begun(halting, { timeout: 0.05 }),
      ];
      for (const { error } of await Promise.all(outcomes.map(({ outcome }) => outcome))) {
        expect(error).toMatchObject({ name: 'SluiceError', code: 'upstream_timeout', retryable: true });
      }
    });

    it('throws the reason of an abort whenever it comes, and hangs up', async () => {
      const reason = new Error('cancelled');
      const early = provider().stream(userRequest('hi'), call({}, AbortSignal.abort(reason)));
      expect(await collect(early)).toEqual({ deltas: [], error: reason });

      for (const last of ['start', 'text']) {
        const controller = new AbortController();
        const seen: string[] = [];
        upstream.script({ headers: { 'content-type': type }, steps: [...scripts.cut, 'hang'] });
        const count = upstream.exchanges.length;
        const reading = (async () => {
          for await (const delta of provider().stream(userRequest('hi'), call({}, controller.signal))) {
            seen.push(delta.type);
            if (delta.type === last) controller.abort(reason);
          }
        })();
        await expect(reading).rejects.toBe(reason);
        expect(seen).toContain(last);
        await (await upstream.received(count + 1)).closed;
      }
    });
  });
}
