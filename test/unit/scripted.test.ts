import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/config/config.ts';
import type { CompletionRequest } from '../../src/core/completion.ts';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import { LOREM, wordsOf } from '../../src/providers/scripted/plan.ts';
import { ScriptedProvider } from '../../src/providers/scripted.ts';
import { deployment, type Outcome, providerCall, run, userRequest } from '../support/provider-calls.ts';

interface Ask {
  readonly model?: string;
  readonly mock?: unknown;
  readonly request?: Partial<CompletionRequest>;
  readonly epoch?: number;
  readonly deployment?: Partial<Deployment>;
}

function ask(prompt: string, options: Ask = {}): Promise<Outcome> {
  const mock = options.mock === undefined ? {} : { mock_response: options.mock };
  return run(
    new ScriptedProvider(),
    userRequest(prompt, { ...mock, ...options.request }),
    providerCall({
      model: options.model ?? 'echo',
      epoch: options.epoch ?? 1,
      deployment: deployment({ provider: 'scripted', ...options.deployment }),
    }),
  );
}

function texts({ deltas }: Outcome): string[] {
  return deltas.flatMap((delta) => (delta.type === 'text' ? [delta.text] : []));
}

function answerCount(deltas: readonly Delta[]): number {
  return deltas.filter(({ type }) => type === 'text' || type === 'reasoning' || type === 'tool_call').length;
}

describe('scripted models', () => {
  it('echo the last user message, a word a delta', async () => {
    expect(await ask('  Hello  big\nworld! ')).toEqual({
      deltas: [
        { type: 'start', choice: 0 },
        { type: 'text', choice: 0, text: '  Hello  ' },
        { type: 'text', choice: 0, text: 'big\n' },
        { type: 'text', choice: 0, text: 'world! ' },
        { type: 'finish', choice: 0, reason: 'stop' },
        { type: 'usage', usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 } },
      ],
      error: null,
    });
  });

  it('echo parts, and nothing where nobody said anything', async () => {
    const parts = [{ type: 'text', text: 'a b' }, { type: 'image_url' }, { type: 'text', text: ' c' }];
    const messages: CompletionRequest['messages'] = [
      { role: 'user', content: 'no' },
      { role: 'user', content: parts },
      { role: 'assistant', content: 'no' },
    ];
    expect(texts(await ask('', { request: { messages } })).join('')).toBe('a b c');
    const silent = await ask('', { request: { messages: [{ role: 'system', content: 'x' }] } });
    expect(silent.error).toBeNull();
    expect(texts(silent)).toEqual([]);
  });

  it('say the same Latin every time', async () => {
    const answer = await ask('x', { model: 'lorem' });
    expect(texts(answer).join('')).toBe(LOREM);
    expect(texts(answer)).toHaveLength(69);
    expect(await ask('x', { model: 'lorem' })).toEqual(answer);
  });

  it('are two', async () => {
    expect((await ask('x', { model: 'ipsum' })).error).toMatchObject({ code: 'upstream_not_found' });
  });
});

describe('scripted options', () => {
  it.each([1, 7, 69, 70, 500])('make exactly %i deltas of Latin', async (count) => {
    const answer = await ask('x', { model: `lorem?deltas=${count}` });
    expect(texts(answer)).toHaveLength(count);
    expect(texts(answer)).not.toContain('');
    expect(texts(answer).join('').startsWith(LOREM)).toBe(true);
  });

  it('split by characters where there are too few words, and never inside one', async () => {
    expect(texts(await ask('x', { mock: { text: 'ab🙂cd', deltas: 5 } }))).toEqual([
      'a',
      'b',
      '🙂',
      'c',
      'd',
    ]);
    expect((await ask('hi', { model: 'echo?deltas=3' })).error).toMatchObject({
      code: 'upstream_bad_request',
    });
  });

  it('may be just a text, also an empty one, also the deployment’s', async () => {
    expect(texts(await ask('x', { mock: 'one two' }))).toEqual(['one ', 'two']);
    expect(texts(await ask('x', { mock: { text: '' } }))).toEqual([]);
    expect(texts(await ask('x', { deployment: { params: { mock_response: 'default' } } }))).toEqual([
      'default',
    ]);
  });

  it('of mock_response win over those of the model', async () => {
    expect(texts(await ask('x', { model: 'lorem?deltas=9', mock: { deltas: 2 } }))).toHaveLength(2);
  });

  it('refuse, in place of text', async () => {
    const { deltas } = await ask('x', { mock: { refusal: 'I cannot.' } });
    expect(deltas.slice(1)).toEqual([
      { type: 'refusal', choice: 0, text: 'I ' },
      { type: 'refusal', choice: 0, text: 'cannot.' },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'usage', usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
    ]);
  });

  it('stream reasoning, text and tool calls, in this order', async () => {
    const tool_calls = [
      { name: 'weather', arguments: { city: 'Paris' } },
      { id: 'mine', type: 'function', function: { name: 'time', arguments: '{}' } },
    ];
    const { deltas } = await ask('x', { mock: { reasoning: 'hm so', text: 'ok', tool_calls } });
    const fold = new Fold();
    for (const delta of deltas) fold.add(delta);
    expect(fold.completion({ id: 'i', created: 0, model: 'm' })).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            content: 'ok',
            reasoning_content: 'hm so',
            tool_calls: [
              { id: 'call_scripted_0', function: { name: 'weather', arguments: '{"city":"Paris"}' } },
              { id: 'mine', function: { name: 'time', arguments: '{}' } },
            ],
          },
        },
      ],
      usage: { completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 2 } },
    });
    expect(texts(await ask('not echoed', { mock: { tool_calls } }))).toEqual([]);
  });

  it('finish as asked', async () => {
    const { deltas } = await ask('x', { model: 'echo?finish_reason=length' });
    expect(deltas).toContainEqual({ type: 'finish', choice: 0, reason: 'length' });
  });

  it('answer every choice in turns', async () => {
    const { deltas } = await ask('a b', { request: { n: 2 } });
    expect(deltas.map((delta) => ('choice' in delta ? `${delta.type} ${delta.choice}` : delta.type))).toEqual(
      ['start 0', 'start 1', 'text 0', 'text 1', 'text 0', 'text 1', 'finish 0', 'finish 1', 'usage'],
    );
  });

  it.each([
    ['the model', { model: 'echo?delay=5' }, 'delay_ms', 'model.delay'],
    ['mock_response', { mock: { errorafter: 5 } }, 'error_after', 'mock_response.errorafter'],
  ])('that do not exist are refused with the nearest one, in %s', async (_place, options, nearest, param) => {
    const { error } = await ask('x', options);
    expect(error).toMatchObject({ code: 'upstream_bad_request', param, retryable: false });
    expect((error as Error).message).toContain(`'${nearest}'`);
  });

  it.each([
    { model: 'echo?deltas=many' },
    { model: 'echo?deltas=' },
    { model: 'echo?deltas=0' },
    { model: 'echo?delay_ms=-1' },
    { model: 'echo?error_status=200' },
    { mock: { finish_reason: 'tired' } },
    { mock: 17 },
    { mock: { tool_calls: [{}] } },
  ])('that make no sense are refused: %j', async (options) => {
    expect((await ask('x', options)).error).toMatchObject({ code: 'upstream_bad_request' });
  });
});

describe('scripted trouble', () => {
  it.each([
    ['error_after=0', 0, 'upstream_error'],
    ['error_after=2', 2, 'upstream_error'],
    ['error_status=503', 0, 'upstream_overloaded'],
    ['error_status=401', 0, 'upstream_authentication'],
    ['error_after=1&error_status=429', 1, 'rate_limit_exceeded'],
    ['truncate_after=0', 0, 'upstream_truncated'],
    ['truncate_after=3', 3, 'upstream_truncated'],
    ['error_after=3&truncate_after=1', 1, 'upstream_truncated'],
  ])('%s comes after %i deltas as %s', async (options, count, code) => {
    const { deltas, error } = await ask('a b c', { model: `echo?${options}` });
    expect(error).toMatchObject({ code });
    expect(answerCount(deltas)).toBe(count);
    expect(deltas.some(({ type }) => type === 'start')).toBe(count > 0);
    expect(deltas.some(({ type }) => type === 'finish')).toBe(false);
  });

  it('does not come past the last delta', async () => {
    expect((await ask('a b', { model: 'echo?error_after=3' })).error).toBeNull();
  });

  it('asks to wait', async () => {
    const { error } = await ask('a', { model: 'echo?retry_after=1.5' });
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', retryAfter: 1.5, retryable: true });
  });

  it.each([
    ['fail_attempts=2', 'upstream_error'],
    ['fail_attempts=2&truncate_after=1', 'upstream_truncated'],
    ['fail_attempts=2&error_status=529', 'upstream_overloaded'],
  ])('%s passes with the third attempt', async (options, code) => {
    const model = `echo?${options}`;
    expect((await ask('a b', { model, epoch: 1 })).error).toMatchObject({ code });
    expect((await ask('a b', { model, epoch: 2 })).error).toMatchObject({ code });
    expect((await ask('a b', { model, epoch: 3 })).error).toBeNull();
  });

  it('that is silence ends with the timeout of the deployment', async () => {
    const hang = { model: 'echo?hang_after=1' };
    const silent = await ask('a b', { ...hang, deployment: { streamTimeout: 0.01 } });
    expect(silent.error).toMatchObject({ code: 'upstream_timeout' });
    expect((silent.error as Error).message).toContain('sent nothing for 0.01 s');
    const late = await ask('a b', { ...hang, deployment: { timeout: 0.01 } });
    expect((late.error as Error).message).toContain('did not finish in 0.01 s');
    const slow = await ask('a b', { model: 'echo?delay_ms=5000', deployment: { streamTimeout: 0.01 } });
    expect(slow.error).toMatchObject({ code: 'upstream_timeout' });
    expect(texts(slow)).toEqual(['a ']);
  });
});

describe('scripted delays', () => {
  it('are real, and do not change the answer', async () => {
    expect(await ask('a b c', { model: 'echo?delay_ms=1&first_delay_ms=1' })).toEqual(await ask('a b c'));
  });

  it('of 0 do not sleep', async () => {
    let timerFired = false;
    setImmediate(() => {
      timerFired = true;
    });
    await ask('a b c', { model: 'echo?delay_ms=0&first_delay_ms=0' });
    expect(timerFired).toBe(false);
  });
});

it('white space alone is one piece, however much of it there is', () => {
  const began = performance.now();
  expect(wordsOf(' '.repeat(1_000_000))).toHaveLength(1);
  expect(performance.now() - began).toBeLessThan(1000);
  expect(wordsOf('  one two \n')).toEqual(['  one ', 'two \n']);
  expect(wordsOf('')).toEqual([]);
});
