import { beforeAll, describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import { decode } from '../support/decode.ts';
import { collect, deployment, type Outcome, providerCall, userRequest } from '../support/provider-calls.ts';
import { sharedProviders } from '../support/shared-providers.ts';
import type { Script } from '../support/upstream-server.ts';
import { TEXT, type UpstreamScripts } from './upstreams/upstream-scripts.ts';

const shared = sharedProviders();

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

/** One provider and its shared.upstream. */
class Harness {
  readonly #name: string;
  readonly #scripts: UpstreamScripts;

  constructor(name: string, scripts: UpstreamScripts) {
    this.#name = name;
    this.#scripts = scripts;
  }

  /** A call to its shared.upstream. */
  stream(signal?: AbortSignal, changes: Partial<Deployment> = {}, fields: object = {}): AsyncIterable<Delta> {
    const { model, deployment: needed } = this.#scripts;
    const place = { provider: this.#name, apiBase: shared.upstream.url, ...needed, ...changes };
    const call = providerCall({ model, deployment: deployment(place), ...(signal && { signal }) });
    return shared.provider(this.#name).stream(userRequest('hi', fields), call);
  }

  /** A call that is answered so, to its end. */
  ask(script: Script, changes?: Partial<Deployment>, fields?: object): Promise<Outcome> {
    shared.upstream.script({ headers: { 'content-type': this.#scripts.contentType }, ...script });
    return collect(this.stream(undefined, changes, fields));
  }

  /** A call whose request has arrived; its outcome is still to come. */
  async begun(script: Script, changes: Partial<Deployment>): Promise<{ outcome: Promise<Outcome> }> {
    const count = shared.upstream.exchanges.length;
    shared.upstream.script(script);
    const outcome = collect(this.stream(undefined, changes));
    await shared.upstream.received(count + 1);
    return { outcome };
  }
}

/** What every provider must do, whatever it speaks. `scripts` says how its shared.upstream behaves. */
export function describeProvider(name: string, scripts: UpstreamScripts): void {
  describe(`provider ${name}, ${scripts.format.name}`, () => {
    beforeAll(() => {
      shared.upstream.asides = scripts.asides?.(shared.upstream.url) ?? [];
    });
    const harness = new Harness(name, scripts);
    itReadsAnswers(harness, scripts);
    itReadsToolCalls(harness, scripts);
    itNoticesBrokenAnswers(harness, scripts);
    itUnderstandsErrors(harness, scripts);
    itEndsInTime(harness, scripts);
  });
}

/** Text, in one choice or several. */
function itReadsAnswers(
  harness: Harness,
  { format, contentType, answer, twoChoices, empty, tools, overloaded }: UpstreamScripts,
): void {
  it('yields start first, finish once, usage last', async () => {
    const { deltas, error } = await harness.ask({ steps: answer });
    expect(error).toBeNull();
    const types = deltas.map(({ type }) => type).filter((type) => type !== 'text');
    expect(types).toEqual(['start', 'finish', 'usage']);
    expect(deltas[0]).toMatchObject({ type: 'start', choice: 0 });
    const { choices, usage } = completionOf(deltas);
    expect(choices[0]).toMatchObject({ message: { content: TEXT }, finish_reason: 'stop' });
    expect(usage?.total_tokens).toBeGreaterThan(0);
  });

  if (twoChoices !== null) {
    it('keeps choices apart', async () => {
      const { deltas, error } = await harness.ask({ steps: twoChoices }, {}, { n: 2 });
      expect(error).toBeNull();
      for (const choice of [0, 1]) {
        const own = deltas.filter((delta) => 'choice' in delta && delta.choice === choice);
        expect(own[0]?.type).toBe('start');
        expect(own.at(-1)?.type).toBe('finish');
        expect(own.map((delta) => (delta.type === 'text' ? delta.text : '')).join('')).toBe(TEXT);
      }
      expect(deltas.filter(({ type }) => type === 'usage')).toHaveLength(1);
    });
  }

  it('ends an empty answer as an answer', async () => {
    const { deltas, error } = await harness.ask({ steps: empty });
    expect(error).toBeNull();
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'finish', 'usage']);
  });

  it('reads the same, cut between any two bytes', async () => {
    for (const pieces of [answer, tools, overloaded]) {
      if (pieces === null) continue;
      const whole = decode(format, pieces, contentType);
      const bytes = Buffer.concat(bytewise(pieces));
      for (let at = 1; at < bytes.length; at += 1) {
        const cut = decode(format, [bytes.subarray(0, at), bytes.subarray(at)], contentType);
        expect(withoutIds(cut.deltas)).toEqual(withoutIds(whole.deltas));
        expect(cut.error).toEqual(whole.error);
      }
    }
    const slow = await harness.ask({ steps: bytewise(answer) });
    expect(slow).toEqual(await harness.ask({ steps: answer }));
  });
}

/** Calls of functions, where there are such. */
function itReadsToolCalls(harness: Harness, { tools }: UpstreamScripts): void {
  if (tools !== null) {
    it('numbers tool calls from 0, with ids and arguments that are JSON', async () => {
      const { deltas, error } = await harness.ask({ steps: tools });
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
  }
}

/** Answers that are none, or not whole. */
function itNoticesBrokenAnswers(harness: Harness, { cut, streams = true }: UpstreamScripts): void {
  it.each(['the end', 'cut', 'reset'] as const)('takes %s before a finish for a truncation', async (how) => {
    const steps = how === 'the end' ? cut : [...cut, how];
    const { deltas, error } = await harness.ask({ steps });
    expect(error).toMatchObject({ name: 'SluiceError', code: 'upstream_truncated', retryable: true });
    const types = deltas.map(({ type }) => type).filter((type) => type !== 'usage');
    expect(types).toEqual(streams ? ['start', 'text'] : []);
  });

  it('quotes what is not an answer', async () => {
    const page = `<p>${'x'.repeat(600)}`;
    const html = await harness.ask({ headers: { 'content-type': 'text/html' }, steps: [page] });
    const nonsense = await harness.ask({ headers: { 'content-type': 'application/json' }, steps: [page] });
    for (const { error, deltas } of [html, nonsense]) {
      expect(error).toMatchObject({ code: 'upstream_invalid_response' });
      expect((error as Error).message).toContain(page.slice(0, 500));
      expect((error as Error).message).not.toContain(page);
      expect(deltas).toEqual([]);
    }
  });
}

/** Errors in place of an answer, and within one. */
function itUnderstandsErrors(harness: Harness, { overloaded, errorBody }: UpstreamScripts): void {
  if (overloaded !== null) {
    it('throws what an error inside a stream means, after what came', async () => {
      const { deltas, error } = await harness.ask({ steps: overloaded });
      expect(error).toMatchObject({ name: 'SluiceError', code: 'upstream_overloaded', retryable: true });
      const types = deltas.map(({ type }) => type).filter((type) => type !== 'usage');
      expect(types).toEqual(['start', 'text']);
    });
  }

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
    const { deltas, error } = await harness.ask({ status, headers, steps: [errorBody(status, 'Nope.')] });
    expect(error).toMatchObject({ name: 'SluiceError', code, retryable, retryAfter: 7 });
    if (status !== 401) expect((error as Error).message).toContain('Nope.');
    expect(deltas).toEqual([]);
  });
}

/** Silence, deadlines, and callers who hang up. */
function itEndsInTime(harness: Harness, { contentType, cut, streams = true }: UpstreamScripts): void {
  it('throws upstream_timeout for a silence before the answer or within it, and after the total', async () => {
    const silent: Script = { before: 'hang', steps: [] };
    const halting: Script = { headers: { 'content-type': contentType }, steps: [...cut, 'hang'] };
    // One after the other would take a second each: so exact is undici's clock.
    const outcomes = [
      await harness.begun(silent, { streamTimeout: 0.05 }),
      await harness.begun(halting, { streamTimeout: 0.05 }),
      await harness.begun(halting, { timeout: 0.05 }),
    ];
    for (const { error } of await Promise.all(outcomes.map(({ outcome }) => outcome))) {
      expect(error).toMatchObject({ name: 'SluiceError', code: 'upstream_timeout', retryable: true });
    }
  });

  it('throws the reason of an abort whenever it comes, and hangs up', async () => {
    const reason = new Error('cancelled');
    const early = harness.stream(AbortSignal.abort(reason));
    expect(await collect(early)).toEqual({ deltas: [], error: reason });

    for (const last of streams ? ['start', 'text'] : ['request']) {
      const controller = new AbortController();
      const seen: string[] = [];
      shared.upstream.script({ headers: { 'content-type': contentType }, steps: [...cut, 'hang'] });
      const count = shared.upstream.exchanges.length;
      const arrived = shared.upstream.received(count + 1);
      if (last === 'request') void arrived.then(() => controller.abort(reason));
      const reading = (async () => {
        for await (const delta of harness.stream(controller.signal)) {
          seen.push(delta.type);
          if (delta.type === last) controller.abort(reason);
        }
      })();
      await expect(reading).rejects.toBe(reason);
      expect(seen).toEqual(streams ? expect.arrayContaining([last]) : []);
      await (await arrived).closed;
    }
  });
}
