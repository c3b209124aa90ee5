import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { watsonxChat } from '../../src/providers/formats/watsonx/chat.ts';
import { watsonxGeneration } from '../../src/providers/formats/watsonx/generation.ts';
import { answerOf, bodyOf } from '../support/formats.ts';
import { userRequest } from '../support/provider-calls.ts';

const TOOL = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };

function chat(fields: Partial<CompletionRequest>): Record<string, unknown> {
  return bodyOf(watsonxChat, userRequest('hi', fields));
}

describe('a watsonx chat request', () => {
  it('asks for the model of the deployment, whatever fields the client has', () => {
    expect(chat({ model_id: 'another', model: 'another' })).toHaveProperty('model_id', chat({}).model_id);
  });

  it.each([
    ['auto', { tool_choice_option: 'auto' }],
    ['none', { tool_choice_option: 'none' }],
    ['required', { tool_choice_option: 'required' }],
    [
      { type: 'function', function: { name: 'f' } },
      { tool_choice: { type: 'function', function: { name: 'f' } } },
    ],
  ])('says tool_choice %o as %o', (tool_choice, said) => {
    const { messages: _, model_id: __, tools, ...others } = chat({ tools: [TOOL], tool_choice });
    expect(tools).toEqual([TOOL]);
    expect(others).toEqual(said);
  });

  it('has stop as a list and its own limits', () => {
    expect(chat({ stop: 'x', max_completion_tokens: 5, user: 'u', reasoning_effort: 'low' })).toMatchObject({
      stop: ['x'],
      max_tokens: 5,
      reasoning_effort: 'low',
    });
    expect(chat({ user: 'u' })).not.toHaveProperty('user');
    for (const [field, value] of [
      ['reasoning_effort', 'minimal'],
      ['parallel_tool_calls', false],
    ] as const) {
      expect(() => chat({ [field]: value })).toThrow(expect.objectContaining({ param: field }));
    }
  });

  it('has parts in messages of users alone', () => {
    const image = { type: 'image_url', image_url: { url: 'https://a.test/a.png' } };
    const text = { type: 'text', text: 'a' };
    const messages = (role: 'user' | 'tool'): CompletionRequest['messages'] => [
      { role, content: [text, image], ...(role === 'tool' && { tool_call_id: 'c' }) },
    ];
    expect(chat({ messages: messages('user') }).messages).toEqual(messages('user'));
    expect(() => chat({ messages: messages('tool') })).toThrow(
      expect.objectContaining({ param: 'messages[0].content' }),
    );
    expect(chat({ messages: messages('tool'), drop_params: true }).messages).toEqual([
      { role: 'tool', content: 'a', tool_call_id: 'c' },
    ]);
  });
});

describe('a watsonx generation request', () => {
  it.each<[Partial<CompletionRequest>, object]>([
    [{}, { decoding_method: 'greedy', max_new_tokens: 1024 }],
    [
      { temperature: 0, top_p: 0.5 },
      { decoding_method: 'greedy', max_new_tokens: 1024, top_p: 0.5 },
    ],
    [{ temperature: 0.5 }, { decoding_method: 'sample', max_new_tokens: 1024, temperature: 0.5 }],
    [
      { top_p: 0, seed: 1 },
      { decoding_method: 'greedy', max_new_tokens: 1024, random_seed: 1 },
    ],
    [
      { temperature: 0.5, top_p: 0 },
      { decoding_method: 'greedy', max_new_tokens: 1024, temperature: 0.5 },
    ],
    [{ seed: 1 }, { decoding_method: 'sample', max_new_tokens: 1024, random_seed: 1 }],
    [
      { max_tokens: 5, stop: 'x', repetition_penalty: 1.1 },
      { decoding_method: 'greedy', max_new_tokens: 5, stop_sequences: ['x'], repetition_penalty: 1.1 },
    ],
  ])('has for %o the parameters %o', (fields, parameters) => {
    expect(bodyOf(watsonxGeneration, userRequest('Hi?', fields))).toEqual({
      model_id: 'the-model',
      input: 'Hi?',
      parameters,
    });
  });
});

function event(payload: object, name = 'message'): string {
  return `id: 1\nevent: ${name}\ndata: ${JSON.stringify(payload)}\n\n`;
}

function result(generated_text: string, stop_reason: string, generated: number, input = 0): string {
  const fields = { generated_text, generated_token_count: generated, input_token_count: input, stop_reason };
  return event({ model_id: 'm', results: [fields] });
}

describe('an answer of watsonx', () => {
  it.each([
    ['eos_token', 'stop'],
    ['stop_sequence', 'stop'],
    ['EOS_TOKEN', 'stop'],
    ['max_tokens', 'length'],
    ['token_limit', 'length'],
    ['time_limit', 'length'],
  ])('of generation that ends with %s ends with %s', (native, reason) => {
    const pieces = [
      result('', 'not_finished', 0, 68),
      result('Hi', 'not_finished', 1),
      result('!', native, 2),
    ];
    const { choice, usage, error } = answerOf(watsonxGeneration, pieces);
    expect(error).toBeNull();
    expect(choice).toMatchObject({ message: { content: 'Hi!' }, finish_reason: reason });
    expect(choice?.native_finish_reason).toBe(native.toLowerCase());
    expect(usage).toEqual({ prompt_tokens: 68, completion_tokens: 2, total_tokens: 70 });
  });

  it.each(['error', 'cancelled'])('of generation is broken by %s', (native) => {
    const { error } = answerOf(watsonxGeneration, [result('Hi', 'not_finished', 1), result('', native, 1)]);
    expect(error).toMatchObject({ code: 'upstream_truncated', retryable: true });
  });

  it('of generation is read in one piece too', () => {
    const whole = { results: [{ generated_text: 'Hi', stop_reason: 'eos_token', generated_token_count: 1 }] };
    const { choice, error } = answerOf(watsonxGeneration, [JSON.stringify(whole)], 'application/json');
    expect(error).toBeNull();
    expect(choice).toMatchObject({ message: { content: 'Hi' }, finish_reason: 'stop' });
  });

  it.each([
    [429, 'rate_limit_exceeded'],
    [503, 'upstream_overloaded'],
    [500, 'upstream_error'],
  ])('is an error of status %i that comes within', (status_code, code) => {
    const failure = { errors: [{ code: 'x', message: 'Nope.' }], trace: 't', status_code };
    for (const format of [watsonxChat, watsonxGeneration]) {
      const { error } = answerOf(format, [event(failure, 'error')]);
      expect(error).toMatchObject({ code });
      expect((error as Error).message).toContain('Nope.');
    }
  });

  it('says what is too long', () => {
    const message =
      'error code: the number of input tokens 5000 cannot exceed the total tokens limit 4096 for this model';
    const failure = { errors: [{ code: 'invalid_input_argument', message }], status_code: 400 };
    expect(answerOf(watsonxChat, [event(failure, 'error')]).error).toMatchObject({
      code: 'context_length_exceeded',
    });
  });
});
