import { describe, expect, it } from 'vitest';
import { errorFromAnswer } from '../../src/providers/errors/upstream-error.ts';
import { cohereChat } from '../../src/providers/formats/cohere/format.ts';
import { decode } from '../support/decode.ts';
import type { Outcome } from '../support/provider-calls.ts';

function event(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function say(type: string, message: object, index = 0, others: object = {}): string {
  return event(type, { index, delta: { message }, ...others });
}

function end(finish_reason: string, others: object = {}): string {
  return event('message-end', { delta: { finish_reason, ...others } });
}

const begin = event('message-start', { id: 'm', delta: { message: { role: 'assistant', content: [] } } });

function read(...events: string[]): Outcome {
  return decode(cohereChat, [begin, ...events, 'data: [DONE]\n\n']);
}

const START = { type: 'start', choice: 0 };
const STOP = { type: 'finish', choice: 0, reason: 'stop', native: 'COMPLETE' };

describe('an answer of Cohere', () => {
  it('has thinking, plans and text', () => {
    const { deltas, error } = read(
      say('content-start', { content: { type: 'thinking', thinking: '' } }),
      say('content-delta', { content: { thinking: 'hm' } }),
      event('content-end', { index: 0 }),
      event('tool-plan-delta', { delta: { message: { tool_plan: 'I will' } } }),
      say('content-start', { content: { type: 'text', text: 'a' } }, 1),
      say('content-delta', { content: { text: 'b' } }, 1),
      event('content-end', { index: 1 }),
      event('debug', { prompt: 'x' }),
      end('COMPLETE'),
    );
    expect(error).toBeNull();
    expect(deltas).toEqual([
      START,
      { type: 'reasoning', choice: 0, text: 'hm' },
      { type: 'reasoning', choice: 0, text: 'I will' },
      { type: 'text', choice: 0, text: 'a' },
      { type: 'text', choice: 0, text: 'b' },
      STOP,
    ]);
  });

  it('has tool calls, each an object, whose arguments come without ids or not at all', () => {
    const start = (index: number, id: string, name: string) =>
      say(
        'tool-call-start',
        { tool_calls: { id, type: 'function', function: { name, arguments: '' } } },
        index,
      );
    const { deltas } = read(
      start(0, 'f_1', 'f'),
      say('tool-call-delta', { tool_calls: { function: { arguments: '{"a":' } } }, 0),
      start(1, 'g_2', 'g'),
      say('tool-call-delta', { tool_calls: { function: { arguments: '1}' } } }, 0),
      event('tool-call-end', { index: 0 }),
      event('tool-call-end', { index: 1 }),
      end('TOOL_CALL'),
    );
    const call = { type: 'tool_call', choice: 0 };
    expect(deltas.slice(1)).toEqual([
      { ...call, call: 0, id: 'f_1', name: 'f' },
      { ...call, call: 0, arguments: '{"a":' },
      { ...call, call: 1, id: 'g_2', name: 'g' },
      { ...call, call: 0, arguments: '1}' },
      { ...call, call: 1, arguments: '{}' },
      { type: 'finish', choice: 0, reason: 'tool_calls', native: 'TOOL_CALL' },
    ]);
  });

  const document = { type: 'document', id: 'd', document: { id: 'd', title: 'T', snippet: 's' } };
  const page = { type: 'document', id: 'p', document: { url: 'https://example.com/', title: 'T' } };
  const url_citation = { url: 'https://example.com/', title: 'T', start_index: 0, end_index: 3 };
  const onTheWeb = { type: 'url_citation', url_citation };
  it.each([
    ['on the web', [page], undefined, [onTheWeb]],
    ['elsewhere', [document], undefined, ['own']],
    ['in both', [page, document], 'TEXT_CONTENT', [onTheWeb, 'own']],
    ['for the plan', [page], 'PLAN', ['own']],
    ['nowhere', [], undefined, ['own']],
  ])('has citations of sources %s', (_name, sources, type, expected) => {
    const citation = { start: 0, end: 3, text: 'abc', sources, ...(type && { type }) };
    const { deltas } = read(
      say('citation-start', { citations: citation }),
      event('citation-end', { index: 0 }),
      end('COMPLETE'),
    );
    const own = { type: 'cohere_citation', cohere_citation: citation };
    expect(deltas.slice(1, -1)).toEqual(
      expected.map((one) => ({ type: 'annotation', choice: 0, annotation: one === 'own' ? own : one })),
    );
  });

  it('has log probabilities, joint ones where a stretch is several tokens', () => {
    const logprobs = { text: 'ü', token_ids: [1, 2], logprobs: [-0.5, -0.25] };
    const { deltas } = read(
      say('content-delta', { content: { text: 'ü' } }, 0, { logprobs }),
      end('COMPLETE'),
    );
    expect(deltas[1]).toEqual({
      type: 'text',
      choice: 0,
      text: 'ü',
      logprobs: [{ token: 'ü', logprob: -0.75, bytes: [195, 188], top_logprobs: [] }],
    });
  });

  it.each([
    ['COMPLETE', 'stop'],
    ['STOP_SEQUENCE', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['TOOL_CALL', 'tool_calls'],
    ['ERROR_TOXIC', 'content_filter'],
    ['ERROR_LIMIT', 'length'],
    ['SOMETHING_NEW', 'stop'],
  ])('ends with %s as %s', (native, reason) => {
    expect(read(end(native))).toEqual({
      deltas: [START, { type: 'finish', choice: 0, reason, native }],
      error: null,
    });
  });

  it('counts what the model saw and wrote, not what is billed', () => {
    const usage = {
      billed_units: { input_tokens: 7, output_tokens: 21 },
      tokens: { input_tokens: 502, output_tokens: 24, reasoning_tokens: 10 },
      cached_tokens: 480,
    };
    expect(read(end('COMPLETE', { usage })).deltas.at(-1)).toEqual({
      type: 'usage',
      usage: {
        prompt_tokens: 502,
        completion_tokens: 24,
        total_tokens: 526,
        prompt_tokens_details: { cached_tokens: 480 },
        completion_tokens_details: { reasoning_tokens: 10 },
      },
    });
    const billed = read(end('COMPLETE', { usage: { billed_units: { input_tokens: 7, output_tokens: 21 } } }));
    expect(billed.deltas.at(-1)).toMatchObject({ usage: { prompt_tokens: 7, total_tokens: 28 } });
    expect(read(end('COMPLETE', { usage: {} })).deltas.at(-1)).toEqual(STOP);
  });

  it('may come whole', () => {
    const whole = {
      id: 'm',
      finish_reason: 'TOOL_CALL',
      message: {
        role: 'assistant',
        tool_plan: 'I will',
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'text', text: 'a' },
        ],
        tool_calls: [
          { id: 'f', type: 'function', function: { name: 'f', arguments: '{}' } },
          { id: 'g', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
        citations: [{ start: 0, end: 1, sources: [] }],
      },
      logprobs: [{ text: 'a', token_ids: [1], logprobs: [-1] }],
      usage: { tokens: { input_tokens: 1, output_tokens: 2 } },
    };
    const { deltas, error } = decode(cohereChat, [JSON.stringify(whole)], 'application/json');
    expect(error).toBeNull();
    const types = ['start', 'reasoning', 'reasoning', 'text', 'tool_call', 'tool_call'];
    expect(deltas.map(({ type }) => type)).toEqual([...types, 'annotation', 'finish', 'usage']);
    expect(deltas[3]).toMatchObject({ text: 'a', logprobs: [{ token: 'a', logprob: -1 }] });
    expect(deltas[5]).toMatchObject({ call: 1, id: 'g' });
  });
});

describe('a failure of Cohere', () => {
  it.each([
    [{ error: 'invalid tool generation', error_type: 'INVALID_TOOL_GENERATION' }, 'upstream_error', true],
    [{ error: 'too much', error_type: 'TOO_MANY_TOKENS' }, 'context_length_exceeded', false],
    [{ error: null }, 'upstream_error', true],
  ])('at the end of a stream is what it says: %j', (told, code, retryable) => {
    const usage = { tokens: { input_tokens: 1, output_tokens: 2 } };
    const { deltas, error } = read(
      say('content-delta', { content: { text: 'a' } }),
      end('ERROR', { ...told, usage }),
    );
    expect(error).toMatchObject({ code, retryable });
    expect((error as Error).message).toContain(told.error ?? 'ERROR');
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'text', 'usage']);
  });

  it('is a time-out where it says so', () => {
    expect(read(end('TIMEOUT')).error).toMatchObject({ code: 'upstream_timeout', retryable: true });
  });

  it('is a truncation where message-end has no finish reason, or never comes', () => {
    const text = say('content-delta', { content: { text: 'a' } });
    expect(read(text, event('message-end', { delta: {} })).error).toMatchObject({
      code: 'upstream_truncated',
    });
    expect(read(text).error).toMatchObject({ code: 'upstream_truncated' });
  });

  it('inside a stream may have the form of an error body', () => {
    const { error } = read('data: {"id":"e","message":"model overloaded","status_code":503}\n\n');
    expect(error).toMatchObject({ code: 'upstream_overloaded' });
  });

  it.each([
    ['too many tokens: size limit exceeded by 11326 tokens.', 'context_length_exceeded'],
    ['too many tokens: max tokens must be less than or equal to 4096', 'upstream_bad_request'],
  ])('before an answer is told apart: %s', (message, code) => {
    const body = JSON.stringify({ id: 'e', message });
    expect(errorFromAnswer({ provider: 'cohere', status: 400, headers: {}, body })).toMatchObject({ code });
  });
});
