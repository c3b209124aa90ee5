import { describe, expect, it } from 'vitest';
import { isHalfObject } from '../../src/providers/answer/half-json.ts';
import { j2Complete } from '../../src/providers/formats/ai21-j2/format.ts';
import { jambaChat } from '../../src/providers/formats/ai21-jamba/format.ts';
import { decode } from '../support/decode.ts';
import type { Outcome } from '../support/provider-calls.ts';

function read(text: string): Outcome {
  return decode(j2Complete, [text], 'application/json');
}

function completion(text: string, reason: string, tokens = [{}]): object {
  return { data: { text, tokens }, finishReason: { reason, length: tokens.length } };
}

const START = { type: 'start', choice: 0 };

describe('an answer of Jurassic-2', () => {
  it('has a choice for every completion, and counts the tokens of all', () => {
    const { deltas, error } = read(
      JSON.stringify({
        id: 1,
        prompt: { text: 'hi', tokens: [{}, {}, {}] },
        completions: [completion('a', 'endoftext'), completion('b', 'length', [{}, {}])],
      }),
    );
    expect(error).toBeNull();
    expect(deltas).toEqual([
      START,
      { type: 'text', choice: 0, text: 'a' },
      { type: 'finish', choice: 0, reason: 'stop', native: 'endoftext' },
      { type: 'start', choice: 1 },
      { type: 'text', choice: 1, text: 'b' },
      { type: 'finish', choice: 1, reason: 'length' },
      { type: 'usage', usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 } },
    ]);
  });

  it('ends with stop where a stop sequence was met', () => {
    const { deltas } = read(JSON.stringify({ completions: [completion('a', 'stop', [])] }));
    expect(deltas.at(-1)).toEqual({ type: 'finish', choice: 0, reason: 'stop' });
  });

  it('is truncated where it is broken off, at any byte, and nothing of it is told', () => {
    const whole = JSON.stringify({ completions: [completion('a "quoted\\" } ü', 'endoftext')] });
    for (let at = 1; at < whole.length; at += 1) {
      expect(read(whole.slice(0, at)), `cut at ${at}`).toMatchObject({
        deltas: [],
        error: { code: 'upstream_truncated' },
      });
    }
    expect(read(JSON.stringify({ completions: [{ data: { text: 'a' } }] })).error).toMatchObject({
      code: 'upstream_truncated',
    });
  });

  it.each(['<p>{', 'Bad {"gateway": ', '{oops', '{"a": 1} trailing', '{"id": 1}', '{"completions": []}'])(
    'is invalid where it is %s',
    (text) => {
      expect(read(text).error).toMatchObject({ code: 'upstream_invalid_response' });
    },
  );

  it('is the error that it tells', () => {
    expect(read('{"detail": "Overloaded", "status": 503}').error).toMatchObject({
      code: 'upstream_overloaded',
    });
  });
});

describe('half a JSON object', () => {
  it.each(['{', ' \n{', '{"', '{"a', '{"a":[1, {"b": "}', '{"a":"\\"', '{"a":{"b":1}', '{"a":1,'])(
    'is %s',
    (text) => {
      expect(isHalfObject(text)).toBe(true);
    },
  );

  it.each(['', '<p>', '[', '{a', '{]', '{"a":1}', '{"a":1}}', '{"a":1} {"b":'])('is not %s', (text) => {
    expect(isHalfObject(text)).toBe(false);
  });
});

describe('an answer of Jamba', () => {
  it('is OpenAI’s, with its usage in the last chunk', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const chunk = (delta: object, fields: object = {}, others: object = {}) =>
      `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, ...fields }], ...others })}\n\n`;
    const { deltas, error } = decode(jambaChat, [
      chunk({ role: 'assistant' }),
      chunk({ content: 'a' }),
      chunk({ content: '' }, { finish_reason: 'stop' }, { usage }),
      'data: [DONE]\n\n',
    ]);
    expect(error).toBeNull();
    expect(deltas).toEqual([
      START,
      { type: 'text', choice: 0, text: 'a' },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'usage', usage },
    ]);
  });
});
