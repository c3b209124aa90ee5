import { describe, expect, it } from 'vitest';
import { responsesFormat } from '../../src/providers/formats/openai-responses/format.ts';
import { decode } from '../support/decode.ts';
import type { Outcome } from '../support/provider-calls.ts';
import { CREATED, completionOf, decodeEvents, type ResponseEvent, text } from '../support/response-events.ts';

const HI = text('hi');
const USAGE = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
const COUNTED = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };

/** The outcome of a stream of these events behind some text. */
function stream(...events: ResponseEvent[]): Outcome {
  return decodeEvents({ ...CREATED, response: { service_tier: 'auto' } }, HI, ...events);
}

function ending(status: string, fields: object = {}): ResponseEvent {
  return { type: `response.${status}`, response: { status, output: [], usage: USAGE, ...fields } };
}

function whole(response: object): Outcome {
  return decode(responsesFormat(), [JSON.stringify(response)], 'application/json');
}

describe('the end of a response', () => {
  it.each([
    ['completed', {}, 'stop', undefined],
    ['incomplete', { incomplete_details: { reason: 'max_output_tokens' } }, 'length', 'max_output_tokens'],
    ['incomplete', { incomplete_details: { reason: 'content_filter' } }, 'content_filter', undefined],
    ['incomplete', { incomplete_details: { reason: 'something_new' } }, 'length', 'something_new'],
    ['incomplete', { incomplete_details: null }, 'length', 'incomplete'],
  ])('%s, %j, is %s', (status, fields, reason, native) => {
    const outcome = stream(ending(status, fields));
    expect(outcome.error).toBeNull();
    expect(outcome.deltas.slice(-2)).toEqual([
      { type: 'finish', choice: 0, reason, ...(native && { native }) },
      { type: 'usage', usage: COUNTED },
    ]);
    expect(completionOf(outcome)).not.toHaveProperty('service_tier');
  });

  it('is what its event says where the response does not', () => {
    const end = (type: string, response: object): ResponseEvent => ({ type: `response.${type}`, response });
    expect(stream(end('completed', { output: [] })).deltas.at(-1)).toMatchObject({ reason: 'stop' });
    expect(stream(end('incomplete', {})).deltas.at(-1)).toMatchObject({ reason: 'length' });
    const failed = end('failed', { error: { code: 'rate_limit_exceeded', message: 'Slow down.' } });
    expect(stream(failed).error).toMatchObject({ code: 'rate_limit_exceeded' });
  });

  it('is the last that is read', () => {
    const { deltas, error } = stream(ending('completed'), HI, { type: 'error', message: 'late' });
    expect(error).toBeNull();
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'text', 'finish', 'usage']);
  });

  it('has to be there', () => {
    for (const events of [[], [{ type: 'response.output_text.done', output_index: 0, text: 'hi' }]]) {
      expect(stream(...events).error).toMatchObject({ code: 'upstream_truncated', retryable: true });
    }
  });

  it('counts tokens in the words of chat completions', () => {
    const usage = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 40 },
    };
    expect(completionOf(stream(ending('completed', { usage }))).usage).toEqual({
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 60, cache_creation_tokens: 30 },
      completion_tokens_details: { reasoning_tokens: 40 },
    });
    expect(completionOf(stream(ending('completed', { usage: null })))).not.toHaveProperty('usage');
  });
});

describe('a failure', () => {
  it.each([
    ['rate_limit_exceeded', 'rate_limit_exceeded', true],
    ['server_error', 'upstream_error', true],
    ['vector_store_timeout', 'upstream_timeout', true],
    ['invalid_prompt', 'upstream_bad_request', false],
    ['invalid_image_format', 'upstream_bad_request', false],
    ['image_too_large', 'upstream_bad_request', false],
    ['failed_to_download_image', 'upstream_bad_request', false],
    ['image_content_policy_violation', 'content_policy_violation', false],
    ['bio_policy', 'content_policy_violation', false],
    ['context_length_exceeded', 'context_length_exceeded', false],
    ['insufficient_quota', 'insufficient_quota', false],
  ])('%s is %s in each of its shapes', (told, code, retryable) => {
    const error = { code: told, message: 'Told.' };
    const shapes: Outcome[] = [
      stream(ending('failed', { error })),
      stream({ type: 'error', sequence_number: 3, error: { type: 'x', ...error, param: null } }),
      stream({ type: 'error', sequence_number: 3, ...error, param: null }),
      stream({ type: 'error', ...error, named: false }),
      whole({ object: 'response', status: 'failed', error, output: [], usage: USAGE }),
    ];
    for (const { error: thrown } of shapes) expect(thrown).toMatchObject({ code, retryable });
    const types = shapes.map(({ deltas }) => deltas.map(({ type }) => type).join(' '));
    expect(types).toEqual(['start text usage', 'start text', 'start text', 'start text', 'usage']);
  });

  it('may have no reason', () => {
    expect(stream(ending('failed', { error: null })).error).toMatchObject({ code: 'upstream_error' });
    expect(whole({ status: 'failed', error: null, output: [] }).error).toMatchObject({
      code: 'upstream_error',
    });
  });

  it('is a cancellation by somebody else, too', () => {
    const { error, deltas } = stream(ending('cancelled'));
    expect(error).toMatchObject({ code: 'upstream_truncated' });
    expect(deltas.at(-1)).toEqual({ type: 'usage', usage: COUNTED });
  });
});

describe('a response in one piece', () => {
  const output = [
    {
      id: 'rs_1',
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'One.' }],
      encrypted_content: 'e',
    },
    { id: 'msg_1', type: 'message', content: [{ type: 'output_text', text: 'hi', annotations: [] }] },
    { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{"a":1}' },
    { id: 'fc_2', type: 'function_call', call_id: 'call_2', name: 'stop', arguments: '{}' },
  ];

  it('is read like a stream of it', () => {
    const outcome = whole({
      status: 'completed',
      error: null,
      service_tier: 'priority',
      output,
      usage: USAGE,
    });
    expect(outcome.error).toBeNull();
    const { choices, usage, service_tier } = completionOf(outcome);
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'hi',
        reasoning_content: 'One.',
        tool_calls: [{ id: 'call_1' }, { id: 'call_2', function: { name: 'stop', arguments: '{}' } }],
        provider_specific_fields: { reasoning_items: [{ id: 'rs_1' }] },
      },
    });
    expect([usage, service_tier]).toEqual([COUNTED, 'priority']);
  });

  it('may be incomplete, or not be there yet', () => {
    const details = { reason: 'max_output_tokens' };
    const cut = whole({ status: 'incomplete', incomplete_details: details, output, usage: USAGE });
    expect(completionOf(cut).choices[0]?.finish_reason).toBe('length');
    expect(whole({ status: 'queued', output: [] }).error).toMatchObject({ code: 'upstream_truncated' });
    expect(whole({ object: 'list', data: [] }).error).toMatchObject({ code: 'upstream_invalid_response' });
  });
});
