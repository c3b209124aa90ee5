import { describe, expect, it } from 'vitest';
import { Answer } from '../../src/providers/answer/answer.ts';
import { anthropicFormat } from '../../src/providers/formats/anthropic/format.ts';
import { AnthropicReader } from '../../src/providers/formats/anthropic/reader.ts';
import { begin, block, end, event, text } from '../support/anthropic-events.ts';
import { decode } from '../support/decode.ts';
import type { Outcome } from '../support/provider-calls.ts';

function read(...events: string[]): Outcome {
  return decode(anthropicFormat(), [events.join('')]);
}

describe('usage of Anthropic', () => {
  function usage(...events: string[]): unknown {
    const last = read(...events).deltas.at(-1);
    return last?.type === 'usage' ? last.usage : null;
  }

  it('counts what was cached to the prompt', () => {
    const counts = {
      input_tokens: 3,
      cache_creation_input_tokens: 10,
      cache_read_input_tokens: 20,
      output_tokens: 1,
    };
    const lifetimes = { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 0 };
    const sent = usage(
      begin({ ...counts, cache_creation: lifetimes }),
      end('end_turn', {}, { output_tokens: 9 }),
    );
    expect(sent).toEqual({
      prompt_tokens: 33,
      completion_tokens: 9,
      total_tokens: 42,
      prompt_tokens_details: {
        cached_tokens: 20,
        cache_creation_tokens: 10,
        cache_creation_token_details: lifetimes,
      },
    });
  });

  it('takes the later counts, and adds none', () => {
    const first = { input_tokens: 3, cache_read_input_tokens: 4, output_tokens: 5 };
    const last = {
      input_tokens: 30,
      cache_read_input_tokens: null,
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 40 },
      server_tool_use: { web_search_requests: 1 },
    };
    expect(usage(begin(first), end('end_turn', {}, last))).toEqual({
      prompt_tokens: 34,
      completion_tokens: 50,
      total_tokens: 84,
      prompt_tokens_details: { cached_tokens: 4, cache_creation_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 40 },
      server_tool_use: { web_search_requests: 1 },
    });
  });

  it('comes with what was counted before a stream broke', () => {
    const outcome = read(begin(), text(0, 'a'));
    expect(outcome.error).toMatchObject({ code: 'upstream_truncated' });
    expect(outcome.deltas.at(-1)).toMatchObject({ type: 'usage', usage: { prompt_tokens: 3 } });
  });
});

describe('an end of Anthropic’s that says no reason', () => {
  const over = event('message_stop');
  const called = block(0, { type: 'tool_use', id: 't', name: 'f', input: {} });

  it.each([
    ['stop', text(0, 'a')],
    ['tool_calls', called],
  ])('is %s by what came before', (reason, content) => {
    const { deltas, error } = read(begin(), content, over);
    expect(error).toBeNull();
    expect(deltas.find(({ type }) => type === 'finish')).toMatchObject({ reason });
  });
});

describe('a whole message of Anthropic', () => {
  it('is read as its events would be', () => {
    const message = {
      type: 'message',
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
        {
          type: 'text',
          text: 'a',
          citations: [{ type: 'web_search_result_location', url: 'https://a.example' }],
        },
        { type: 'tool_use', id: 't', name: 'f', input: { x: 1 } },
        { type: 'tool_use', id: 'u', name: 'g', input: {} },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 2 },
    };
    const { deltas, error } = decode(anthropicFormat(), [JSON.stringify(message)], 'application/json');
    expect(error).toBeNull();
    expect(deltas).toEqual([
      { type: 'start', choice: 0 },
      { type: 'reasoning', choice: 0, text: 'hm' },
      { type: 'thinking_block', choice: 0, block: { type: 'thinking', thinking: 'hm', signature: 'c2ln' } },
      { type: 'text', choice: 0, text: 'a' },
      {
        type: 'annotation',
        choice: 0,
        annotation: {
          type: 'url_citation',
          url_citation: { url: 'https://a.example', start_index: 0, end_index: 1 },
        },
      },
      { type: 'tool_call', choice: 0, call: 0, id: 't', name: 'f' },
      { type: 'tool_call', choice: 0, call: 0, arguments: '{"x":1}' },
      { type: 'tool_call', choice: 0, call: 1, id: 'u', name: 'g' },
      { type: 'tool_call', choice: 0, call: 1, arguments: '{}' },
      { type: 'finish', choice: 0, reason: 'tool_calls', native: 'tool_use' },
      { type: 'usage', usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
    ]);
  });

  it('is no answer without content', () => {
    const { error } = decode(anthropicFormat(), ['{"type":"message"}'], 'application/json');
    expect(error).toMatchObject({ code: 'upstream_invalid_response' });
  });
});

describe('an error of Anthropic', () => {
  const body = (type: string) => ({ type: 'error', error: { type, message: 'Nope' }, request_id: 'r' });

  it.each([
    ['overloaded_error', 'upstream_overloaded', true],
    ['api_error', 'upstream_error', true],
    ['rate_limit_error', 'rate_limit_exceeded', true],
    ['timeout_error', 'upstream_timeout', true],
    ['invalid_request_error', 'upstream_bad_request', false],
    ['authentication_error', 'upstream_authentication', false],
    ['permission_error', 'upstream_permission_denied', false],
    ['not_found_error', 'upstream_not_found', false],
    ['billing_error', 'insufficient_quota', false],
  ])('inside a stream, %s, is %s, also without a framing', (type, code, retryable) => {
    const { deltas, error } = read(begin(), text(0, 'a'), event('error', body(type)));
    expect(error).toMatchObject({ code, retryable });
    expect(deltas.map((one) => one.type)).toEqual(['start', 'text', 'usage']);

    const answer = new Answer('bedrock');
    const reader = new AnthropicReader(answer);
    reader.onMessage({ type: 'message_start', message: {} });
    reader.onMessage(body(type));
    expect(answer.failure).toMatchObject({ code, retryable });
  });
});
