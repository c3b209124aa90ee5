import { describe, expect, it } from 'vitest';
import { decoderFor } from '../../src/providers/answer/decoders.ts';
import { decode } from '../support/decode.ts';
import { answerOf, chunk, event, formatOf } from '../support/formats.ts';

const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

function answer(name: string, ...pieces: string[]) {
  return answerOf(formatOf(name), pieces);
}

function call(id: string, name: string, finish: string | null = null, fields: object = {}): string {
  const item = { index: 0, id, type: 'function', function: { name, arguments: '{}' }, ...fields };
  return chunk({ content: null, tool_calls: [item] }, finish);
}

describe('usage', () => {
  it.each([
    ['xai', { prompt_tokens: 432, completion_tokens: 68, total_tokens: 636 }, 136, 204],
    ['xai', { prompt_tokens: 432, completion_tokens: 204, total_tokens: 636 }, 136, 204],
    ['openai', { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 }, 0, 20],
    ['openai', { prompt_tokens: 10, completion_tokens: 20, total_tokens: 33 }, 15, 20],
  ])(
    'of %s counts reasoning as a part of the completion: %o with %i',
    (name, counts, reasoning, completion) => {
      const usage = { ...counts, completion_tokens_details: { reasoning_tokens: reasoning } };
      expect(answer(name, chunk({}, 'stop', { usage })).usage).toEqual({
        ...usage,
        completion_tokens: completion,
      });
    },
  );

  it.each([
    ['Together', { cached_tokens: 7 }],
    ['DeepSeek', { prompt_cache_hit_tokens: 7, prompt_cache_miss_tokens: 1 }],
  ])('finds the cached tokens of %s', (_name, fields) => {
    const { usage } = answer('together_ai', chunk({}, 'stop', { usage: { ...USAGE, ...fields } }));
    expect(usage?.prompt_tokens_details).toEqual({ cached_tokens: 7 });
  });

  it('is found in x_groq, unless it is where it belongs', () => {
    const other = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 };
    expect(answer('groq', chunk({}, 'stop', { x_groq: { id: 'r', usage: USAGE } })).usage).toEqual(USAGE);
    const both = chunk({}, 'stop', { x_groq: { usage: other }, usage: USAGE });
    expect(answer('groq', both).usage).toEqual(USAGE);
  });

  it('is found in the choice, where Moonshot puts it', () => {
    const ending = { index: 0, delta: {}, finish_reason: 'stop', usage: USAGE };
    expect(answer('moonshot', event({ choices: [ending] })).usage).toEqual(USAGE);
  });

  it('is that of the last chunk where it comes with every one, and on a second finish', () => {
    const early = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
    const { deltas } = decode(formatOf('minimax'), [
      chunk({ content: 'a' }, null, { usage: early }),
      chunk({ content: '' }, 'stop', { usage: null }),
      chunk({ content: '' }, 'stop', { usage: USAGE }),
    ]);
    expect(deltas.filter(({ type }) => type === 'finish')).toHaveLength(1);
    expect(deltas.at(-1)).toEqual({ type: 'usage', usage: USAGE });
  });
});

describe('a connection that breaks', () => {
  it('is not missed after an end with calls, which may still be followed by more', () => {
    const reading = (...pieces: string[]) => {
      const decoder = decoderFor('groq', 'text/event-stream', (read) => formatOf('groq').read(read));
      for (const piece of pieces) decoder?.feed(Buffer.from(piece));
      return decoder?.complete;
    };
    expect(reading(call('a', 'f', 'tool_calls'))).toBe(true);
    expect(reading(call('a', 'f'))).toBe(false);
    const other = event({ choices: [{ index: 1, delta: { content: 'a' } }] });
    expect(reading(call('a', 'f', 'tool_calls'), other)).toBe(false);
  });
});

describe('other servers', () => {
  it('fails with what x_groq says', () => {
    const { error, choice } = answer(
      'groq',
      chunk({ content: 'a' }),
      chunk({ content: 'b' }, null, { x_groq: { error: 'over capacity' } }),
    );
    expect(error).toMatchObject({ code: 'upstream_error' });
    expect((error as Error).message).toContain('over capacity');
    expect(choice?.message.content).toBe('a');
  });

  it('reads Together’s text once, and eos as stop', () => {
    const piece = (content: string, finish: string | null) =>
      event({ choices: [{ index: 0, text: content, delta: { content }, finish_reason: finish }] });
    const { choice } = answer('together_ai', piece('a', null), piece('b', 'eos'));
    expect(choice).toMatchObject({
      message: { content: 'ab' },
      finish_reason: 'stop',
      native_finish_reason: 'eos',
    });
  });

  it('reads content in parts, with the summary of reasoning, as Databricks sends it', () => {
    const summary = [{ type: 'summary_text', text: 'hm', signature: 's' }];
    const { choice } = answer(
      'databricks',
      chunk({ content: [{ type: 'reasoning', summary }] }),
      chunk({ content: [{ type: 'text', text: 'yes' }] }, 'stop'),
    );
    expect(choice?.message).toMatchObject({ content: 'yes', reasoning_content: 'hm' });
  });

  it.each([
    ['stop', 'tool_calls'],
    ['eos_token', 'tool_calls'],
    ['length', 'length'],
  ])('reads a call of TGI that is not in a list, and %s after it as %s', (native, reason) => {
    const item = { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: { at: 1 } } };
    const { choice } = answer('tgi', chunk({ tool_calls: item }), chunk({}, native));
    expect(choice?.message.tool_calls?.[0]?.function).toEqual({ name: 'f', arguments: '{"at":1}' });
    expect(choice?.finish_reason).toBe(reason);
  });

  it('leaves stop after calls as the server said it, elsewhere', () => {
    expect(answer('hosted_vllm', call('a', 'f'), chunk({}, 'stop')).choice?.finish_reason).toBe('stop');
  });

  it('keeps ids such as functions.add:0, and joins parts without one by their index', () => {
    const part = { index: 0, type: 'function', function: { arguments: '' } };
    const { choice } = answer(
      'moonshot',
      call('functions.add:0', 'add'),
      chunk({ tool_calls: [part] }, 'tool_calls'),
    );
    expect(choice?.message.tool_calls?.map(({ id }) => id)).toEqual(['functions.add:0']);
  });

  it('keeps Google’s extra content on a call', () => {
    const extra_content = { google: { thought_signature: 'c2ln' } };
    const { choice } = answer('vercel_ai_gateway', call('a', 'f', 'tool_calls', { extra_content }));
    expect(choice?.message.tool_calls?.[0]?.provider_specific_fields).toEqual({ extra_content });
  });

  it.each([
    ['zai', 'network_error'],
    ['deepseek', 'insufficient_system_resource'],
    ['hosted_vllm', 'abort'],
    ['watsonx', 'cancelled'],
    ['watsonx', 'error'],
  ])('takes %s’s %s for a broken answer', (name, native) => {
    expect(answer(name, chunk({ content: 'a' }, native)).error).toMatchObject({ code: 'upstream_truncated' });
  });

  it.each([
    ['zai', 'sensitive', 'content_filter'],
    ['watsonx', 'time_limit', 'length'],
  ])('reads %s’s %s as %s', (name, native, reason) => {
    expect(answer(name, chunk({}, native)).choice?.finish_reason).toBe(reason);
  });
});
