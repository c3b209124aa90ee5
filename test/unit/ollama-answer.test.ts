import { describe, expect, it } from 'vitest';
import { errorFromAnswer } from '../../src/providers/errors/upstream-error.ts';
import { ollamaChat } from '../../src/providers/formats/ollama/format.ts';
import { decode } from '../support/decode.ts';
import type { Outcome } from '../support/provider-calls.ts';

function line(fields: object): string {
  return `${JSON.stringify({ model: 'llama3.2', ...fields })}\n`;
}

function say(message: object, others: object = {}): string {
  return line({ message: { role: 'assistant', content: '', ...message }, done: false, ...others });
}

function end(fields: object = { done_reason: 'stop' }): string {
  return line({ message: { role: 'assistant', content: '' }, done: true, ...fields });
}

function read(...lines: string[]): Outcome {
  return decode(ollamaChat, lines, 'application/x-ndjson');
}

const START = { type: 'start', choice: 0 };
const STOP = { type: 'finish', choice: 0, reason: 'stop' };

describe('an answer of Ollama', () => {
  it('has thinking, then text, then its counts', () => {
    const counts = { done_reason: 'stop', prompt_eval_count: 3, eval_count: 2, total_duration: 9 };
    const { deltas, error } = read(say({ thinking: 'hm' }), say({ content: 'a' }), end(counts));
    expect(error).toBeNull();
    expect(deltas).toEqual([
      START,
      { type: 'reasoning', choice: 0, text: 'hm' },
      { type: 'text', choice: 0, text: 'a' },
      STOP,
      { type: 'usage', usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
    ]);
  });

  it.each([
    ['without ids', undefined, undefined],
    ['with ids', 'call_1', 'call_2'],
  ])('has whole tool calls %s, numbered anew, and ends with them', (_name, first, second) => {
    const call = (id: string | undefined, name: string, args: unknown) => ({
      id,
      function: { index: 0, name, arguments: args },
    });
    const { deltas } = read(
      say({ tool_calls: [call(first, 'f', { a: { b: 'ü' } })] }),
      say({ tool_calls: [call(second, 'f', {})] }),
      end(),
    );
    const fragment = { type: 'tool_call', choice: 0, name: 'f' };
    expect(deltas).toEqual([
      START,
      { ...fragment, call: 0, id: first ?? expect.stringMatching(/^call_/), arguments: '{"a":{"b":"ü"}}' },
      { ...fragment, call: 1, id: second ?? expect.stringMatching(/^call_/), arguments: '{}' },
      { type: 'finish', choice: 0, reason: 'tool_calls', native: 'stop' },
    ]);
  });

  it.each([
    ['stop', 'stop', undefined],
    ['length', 'length', undefined],
    ['load', 'stop', 'load'],
    ['unload', 'stop', 'unload'],
    [undefined, 'stop', undefined],
    ['', 'stop', undefined],
  ])('ends with %s as %s', (done_reason, reason, native) => {
    expect(read(end({ done_reason })).deltas).toEqual([
      START,
      { type: 'finish', choice: 0, reason, ...(native && { native }) },
    ]);
  });

  it('is cut short also where it had called tools', () => {
    const call = { function: { name: 'f', arguments: {} } };
    expect(read(say({ tool_calls: [call] }), end({ done_reason: 'length' })).deltas.at(-1)).toMatchObject({
      reason: 'length',
    });
  });

  it.each([
    [{ eval_count: 2 }, { prompt_tokens: 0, completion_tokens: 2, total_tokens: 2 }],
    [{ prompt_eval_count: 3 }, { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 }],
  ])('lacks the count of a prompt that was cached, or of an answer that is empty: %j', (counts, usage) => {
    expect(read(end(counts)).deltas.at(-1)).toEqual({ type: 'usage', usage });
  });

  it('has log probabilities', () => {
    const top = { token: 'b', logprob: -2 };
    const logprobs = [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [top] }];
    const { deltas } = read(say({ content: 'a' }, { logprobs }), end());
    expect(deltas[1]).toEqual({
      type: 'text',
      choice: 0,
      text: 'a',
      logprobs: [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [{ ...top, bytes: null }] }],
    });
  });

  it('may come whole', () => {
    const whole = end({ message: { content: 'a', thinking: 'hm' }, done_reason: 'stop', eval_count: 1 });
    expect(decode(ollamaChat, [whole], 'application/json; charset=utf-8').deltas).toMatchObject([
      START,
      { type: 'reasoning' },
      { type: 'text', text: 'a' },
      STOP,
      { type: 'usage' },
    ]);
  });

  it('is truncated without its last line, or with half of it', () => {
    for (const last of ['', end().slice(0, -20)]) {
      expect(read(say({ content: 'a' }), last).error).toMatchObject({ code: 'upstream_truncated' });
    }
  });
});

describe('a failure of Ollama', () => {
  it.each([
    [{ error: 'an error was encountered while running the model' }, 'upstream_error'],
    [{ error: 'server busy', status: 503 }, 'upstream_overloaded'],
    [{ error: 'prompt too long; exceeded max context length', status: 400 }, 'context_length_exceeded'],
  ])('inside a stream is a line: %j', (told, code) => {
    const { deltas, error } = read(say({ content: 'a' }), line(told), end());
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toContain(told.error);
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'text']);
  });

  it('to find a model is told with Ollama’s advice', () => {
    const error = 'model "llama9" not found, try pulling it first';
    const answer = { provider: 'ollama', status: 404, headers: {}, body: JSON.stringify({ error }) };
    expect(errorFromAnswer(answer)).toMatchObject({
      code: 'upstream_not_found',
      retryable: false,
      message: `ollama answered 404: ${error}`,
    });
  });
});
