import { describe, expect, it } from 'vitest';
import { decoderFor } from '../../src/providers/answer/decoders.ts';
import { decode } from '../support/decode.ts';
import { answerOf, chunk, event, formatOf } from '../support/formats.ts';

const DONE = 'data: [DONE]\n\n';
const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

function answer(name: string, ...pieces: string[]) {
  return answerOf(formatOf(name), pieces);
}

function call(id: string, name: string, finish: string | null = null, fields: object = {}): string {
  const item = { index: 0, id, type: 'function', function: { name, arguments: '{}' }, ...fields };
  return chunk({ content: null, tool_calls: [item] }, finish);
}

describe('reasoning_details', () => {
  const text = (words: string, fields: object = {}) => [
    { type: 'reasoning.text', text: words, index: 0, format: 'x', ...fields },
  ];

  it('are reasoning where nothing else tells it, and are put together again', () => {
    const { choice } = answer(
      'openrouter',
      chunk({ content: '', reasoning_details: text('a') }),
      chunk({ content: '', reasoning_details: text('b') }),
      chunk({ content: '', reasoning_details: text('', { signature: 'sig', text: null }) }),
      chunk({ content: '', reasoning_details: text('c') }),
      chunk({ content: '', reasoning_details: [{ type: 'reasoning.summary', summary: 'd', index: 1 }] }),
      chunk({ content: 'yes', reasoning_details: [] }),
      chunk({}, 'stop'),
    );
    expect(choice?.message).toMatchObject({ content: 'yes', reasoning_content: 'abcd' });
    expect(choice?.message.provider_specific_fields).toEqual({
      reasoning_details: [
        { type: 'reasoning.text', text: 'ab', index: 0, format: 'x', signature: 'sig' },
        { type: 'reasoning.text', text: 'c', index: 0, format: 'x' },
        { type: 'reasoning.summary', summary: 'd', index: 1 },
      ],
    });
  });

  it('are not said twice where reasoning says the same, in one chunk or in two', () => {
    const { choice } = answer(
      'openrouter',
      chunk({ reasoning: 'a', reasoning_details: text('a') }),
      chunk({ reasoning: 'b' }),
      chunk({ reasoning_details: text('b') }),
      chunk({}, 'stop'),
    );
    expect(choice?.message.reasoning_content).toBe('ab');
  });

  it('are kept one by one where they are encrypted, and told once, before the end', () => {
    const secret = (id: string) => [{ type: 'reasoning.encrypted', data: 'eA==', id, index: 0 }];
    const { deltas } = decode(formatOf('openrouter'), [
      chunk({ reasoning_details: secret('a') }),
      chunk({ reasoning_details: secret('b') }, 'stop'),
      chunk({ content: '' }, 'stop', { usage: USAGE }),
      DONE,
    ]);
    expect(deltas).toEqual([
      { type: 'start', choice: 0 },
      {
        type: 'provider_specific',
        choice: 0,
        fields: { reasoning_details: [...secret('a'), ...secret('b')] },
      },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'usage', usage: USAGE },
    ]);
  });

  it('are reasoning of MiniMax and Snowflake too, and only text for whom nobody wants them back', () => {
    const pieces = [chunk({ reasoning_details: text('hm') }), chunk({ content: 'yes' }, 'stop')];
    for (const name of ['minimax', 'snowflake', 'vercel_ai_gateway']) {
      const { message } = answer(name, ...pieces).choice ?? {};
      expect(message).toMatchObject({ content: 'yes', reasoning_content: 'hm' });
      expect(message?.provider_specific_fields).toEqual({ reasoning_details: text('hm') });
    }
    const { message } = answer('openai', ...pieces).choice ?? {};
    expect(message?.reasoning_content).toBe('hm');
    expect(message).not.toHaveProperty('provider_specific_fields');
  });
});

describe('OpenRouter', () => {
  it('keeps calls that come after a first finish reason, and ends after the last of them', () => {
    const { deltas, error } = decode(formatOf('openrouter'), [
      call('a', 'first', 'tool_calls'),
      call('b', 'second', 'tool_calls'),
      chunk({ content: '' }, 'tool_calls', { usage: USAGE }),
      DONE,
    ]);
    expect(error).toBeNull();
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'tool_call', 'tool_call', 'finish', 'usage']);
  });

  it('ends a choice whose last chunk has calls, whatever comes next', () => {
    for (const last of [[], [DONE], [event({ choices: [], usage: USAGE })]]) {
      const { choice, error } = answer('openrouter', call('a', 'first', 'tool_calls'), ...last);
      expect(error).toBeNull();
      expect(choice?.finish_reason).toBe('tool_calls');
    }
  });

  it('takes [DONE] for the end, with or without calls, but not a mere end of the stream', () => {
    expect(answer('openrouter', chunk({ content: 'a' }), DONE).choice?.finish_reason).toBe('stop');
    expect(answer('openrouter', call('0', 'f'), DONE).choice?.finish_reason).toBe('tool_calls');
    expect(answer('openrouter', chunk({ content: 'a' })).error).toMatchObject({ code: 'upstream_truncated' });
    expect(answer('openrouter', DONE).error).toMatchObject({ code: 'upstream_truncated' });
  });

  it('keeps the finish reason of the vendor behind it, and the cost', () => {
    const ending = { index: 0, delta: {}, finish_reason: 'stop', native_finish_reason: 'STOP' };
    const { choice, usage } = answer(
      'openrouter',
      event({ choices: [ending], usage: { ...USAGE, cost: 0.1 } }),
    );
    expect(choice).toMatchObject({ finish_reason: 'stop', native_finish_reason: 'STOP' });
    expect(usage).toEqual({ ...USAGE, cost: 0.1 });
  });

  it('keeps generated images', () => {
    const image = (url: string) => ({ type: 'image_url', image_url: { url } });
    const { choice } = answer(
      'openrouter',
      chunk({ images: [image('a')] }),
      chunk({ images: [image('b')] }, 'stop'),
    );
    expect(choice?.message.provider_specific_fields).toEqual({ images: [image('a'), image('b')] });
  });

  const failed = { error: { message: 'Provider returned error', code: 400 } };

  it('waits for the usage behind an error, and for nothing else', () => {
    const late = answer(
      'openrouter',
      chunk({ content: 'a' }, 'stop', failed),
      chunk({ content: '' }, null, { usage: USAGE }),
    );
    expect(late.usage).toEqual(USAGE);
    expect(late.choice?.message.content).toBe('');
    for (const next of [[], [DONE], [chunk({ content: 'more' })]]) {
      const { error, choice } = answer('openrouter', event(failed), ...next);
      expect(error).toMatchObject({ code: 'upstream_bad_request', retryable: false });
      expect(choice?.message.content).toBe('');
    }
  });

  it('does not wait where the usage is there, and others never do', () => {
    const failsAtOnce = (name: string, payload: object): boolean => {
      const decoder = decoderFor(name, 'text/event-stream', (read) => formatOf(name).read(read));
      decoder?.feed(Buffer.from(event(payload)));
      return decoder?.failure !== null;
    };
    expect(failsAtOnce('openrouter', failed)).toBe(false);
    expect(failsAtOnce('openrouter', { ...failed, usage: USAGE })).toBe(true);
    expect(failsAtOnce('groq', failed)).toBe(true);
  });

  it('takes finish reason error for a broken answer', () => {
    expect(answer('openrouter', chunk({ content: 'a' }, 'error')).error).toMatchObject({
      code: 'upstream_truncated',
      retryable: true,
    });
  });
});

describe('Perplexity', () => {
  const results = [
    { title: 'A', url: 'https://a.test', date: null },
    { title: 'B', url: 'https://b.test', date: '2024-08-07' },
  ];
  const sources = { citations: ['https://a.test', 'https://b.test'], search_results: results };

  it('tells its sources once, at the end, and reads no cumulative message', () => {
    const piece = (content: string, message: string, finish: string | null = null) =>
      event({
        choices: [{ index: 0, delta: { content }, message: { content: message }, finish_reason: finish }],
        usage: USAGE,
        ...sources,
      });
    const { deltas } = decode(formatOf('perplexity'), [
      piece('a', 'a'),
      piece('b', 'ab'),
      piece('', 'ab', 'stop'),
    ]);
    expect(deltas).toEqual([
      { type: 'start', choice: 0 },
      { type: 'text', choice: 0, text: 'a' },
      { type: 'text', choice: 0, text: 'b' },
      ...results.map(({ url, title }) => ({
        type: 'annotation',
        choice: 0,
        annotation: { type: 'url_citation', url_citation: { url, title } },
      })),
      { type: 'provider_specific', choice: 0, fields: sources },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'usage', usage: USAGE },
    ]);
  });

  it('makes sources of citations where there is nothing better, also in a whole answer', () => {
    const whole = JSON.stringify({
      choices: [{ index: 0, message: { content: 'a' }, finish_reason: 'stop' }],
      citations: ['https://a.test'],
    });
    const { choice } = answerOf(formatOf('perplexity'), [whole], 'application/json');
    expect(choice?.message.annotations).toEqual([
      { type: 'url_citation', url_citation: { url: 'https://a.test' } },
    ]);
  });
});

describe('OpenAI', () => {
  it('keeps what was said aloud, whole', () => {
    const bytes = (text: string) => Buffer.from(text).toString('base64');
    const { choice } = answerOf(formatOf('openai'), [
      chunk({ role: 'assistant', audio: { id: 'audio_1', transcript: 'Go' } }),
      chunk({ audio: { data: bytes('ab') } }),
      chunk({ audio: { data: bytes('cdef'), transcript: 'od.' } }),
      chunk({ audio: { expires_at: 9 } }),
      chunk({}, 'stop'),
    ]);
    const audio = { id: 'audio_1', expires_at: 9, data: bytes('abcdef'), transcript: 'Good.' };
    expect(choice?.message.provider_specific_fields).toEqual({ audio });
  });
});
