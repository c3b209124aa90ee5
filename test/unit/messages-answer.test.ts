import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import { describe, expect, it } from 'vitest';
import type { Completion, FinishReason, Usage } from '../../src/core/completion.ts';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import { contentBlocks } from '../../src/surfaces/messages/block-list.ts';
import { messagesError } from '../../src/surfaces/messages/error.ts';
import { writeMessage } from '../../src/surfaces/messages/message.ts';
import { MessagesStream } from '../../src/surfaces/messages/stream.ts';
import { parseUnfinished } from '../../src/surfaces/messages/unfinished-json.ts';
import { entries, finish, start, text, usage } from '../support/log-entries.ts';
import { chooseSeed, seededRandom } from '../support/random.ts';
import { randomDeltas } from '../support/random-deltas.ts';

const JOB = {
  id: 'job_0123456789abcdef0123456789abcdef',
  model: 'm',
  createdAt: 0,
  metadata: null,
  stored: false,
};

function completionOf(deltas: readonly Delta[]): Completion {
  const fold = new Fold();
  for (const delta of deltas) fold.add(delta);
  return fold.completion({ id: 'chatcmpl-1', created: 1, model: 'm' });
}

function messageOf(...deltas: Delta[]) {
  return writeMessage(JOB, completionOf([start(), ...deltas]));
}

/** What Anthropic's client makes of a stream of these deltas. */
async function streamed(deltas: readonly Delta[]) {
  const stream = new MessagesStream(JOB);
  const bytes = entries(...deltas)
    .map((entry) => stream.write(entry))
    .join('');
  const lines = bytes
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => `${line.slice(6)}\n`);
  const body = new Blob(lines).stream();
  const { parsed_output: _, ...message } = JSON.parse(
    JSON.stringify(await MessageStream.fromReadableStream(body).finalMessage()),
  );
  return message;
}

const seed = chooseSeed();
describe(`a whole answer and its stream (TEST_SEED=${seed})`, () => {
  const random = seededRandom(seed);

  it('are the same message, whatever comes in whatever order', async () => {
    for (let left = 300; left > 0; left -= 1) {
      const deltas = [...randomDeltas(random).map(withJson), finish('stop')].filter(
        (delta) => delta.type === 'usage' || delta.choice === 0,
      );
      const whole = JSON.parse(JSON.stringify(writeMessage(JOB, completionOf(deltas))));
      const last = await streamed(deltas);
      expect({ ...last, usage: null }).toEqual({ ...whole, usage: null });
      expect(last.usage).toMatchObject({ output_tokens: whole.usage.output_tokens });
    }
  });
});

/** Calls with an input that is one piece of JSON, as the client demands. */
function withJson(delta: Delta): Delta {
  if (delta.type !== 'tool_call') return delta;
  const { arguments: _, ...call } = delta;
  return delta.name === undefined ? call : { ...call, arguments: '{"a": [1, {"b": "c"}]}' };
}

describe('a message', () => {
  it.each<[FinishReason, string | undefined, object, object]>([
    ['stop', undefined, {}, { stop_reason: 'end_turn', stop_sequence: null }],
    ['stop', 'end_turn', {}, { stop_reason: 'end_turn', stop_sequence: null }],
    ['stop', 'pause_turn', {}, { stop_reason: 'pause_turn' }],
    [
      'stop',
      'stop_sequence',
      { stop_sequence: 'END' },
      { stop_reason: 'stop_sequence', stop_sequence: 'END' },
    ],
    ['stop', 'STOP', {}, { stop_reason: 'end_turn' }],
    ['stop', 'tool_use', {}, { stop_reason: 'end_turn' }],
    ['length', undefined, {}, { stop_reason: 'max_tokens' }],
    ['length', 'model_context_window_exceeded', {}, { stop_reason: 'model_context_window_exceeded' }],
    ['tool_calls', 'tool_use', {}, { stop_reason: 'tool_use' }],
    ['function_call', undefined, {}, { stop_reason: 'tool_use' }],
    ['content_filter', undefined, {}, { stop_reason: 'refusal' }],
    [
      'content_filter',
      'refusal',
      { stop_details: { type: 'refusal' } },
      { stop_reason: 'refusal', stop_details: { type: 'refusal' } },
    ],
  ])('that ended with %s (%s, %j) says %j', (reason, native, fields, ending) => {
    const said: Delta = { type: 'provider_specific', choice: 0, fields: { ...fields } };
    expect(messageOf(text('a'), said, finish(reason, native))).toMatchObject(ending);
  });

  it.each<[Usage, object]>([
    [
      { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
      {
        input_tokens: 3,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation: null,
        output_tokens: 2,
        output_tokens_details: null,
        server_tool_use: null,
        service_tier: null,
        inference_geo: null,
        speed: null,
      },
    ],
    [
      {
        prompt_tokens: 12,
        completion_tokens: 9,
        total_tokens: 21,
        prompt_tokens_details: {
          cached_tokens: 4,
          cache_creation_tokens: 5,
          cache_creation_token_details: { ephemeral_5m_input_tokens: 5 },
        },
        completion_tokens_details: { reasoning_tokens: 6 },
        ...{ server_tool_use: { web_search_requests: 1 }, inference_geo: 'eu', speed: 'fast' },
      },
      {
        input_tokens: 3,
        cache_creation_input_tokens: 5,
        cache_read_input_tokens: 4,
        cache_creation: { ephemeral_5m_input_tokens: 5 },
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 6 },
        server_tool_use: { web_search_requests: 1 },
        service_tier: null,
        inference_geo: 'eu',
        speed: 'fast',
      },
    ],
  ])('counts %j as %j', (counts, shown) => {
    expect(messageOf(usage(counts)).usage).toEqual(shown);
  });

  it.each<[string | undefined, string | null]>([
    ['default', 'standard'],
    ['priority', 'priority'],
    ['flex', null],
    [undefined, null],
  ])('was served in the tier %s, which is %s', (service_tier, shown) => {
    const tier = service_tier === undefined ? {} : { service_tier };
    const message = writeMessage(JOB, completionOf([{ ...start(), ...tier } as Delta, text('a')]));
    expect(message.usage).toMatchObject({ service_tier: shown });
  });

  it('of a job without an answer is empty', () => {
    expect(writeMessage(JOB, null)).toMatchObject({ content: [], stop_reason: null });
    expect(contentBlocks(completionOf([]))).toEqual([]);
  });
});

describe('an error', () => {
  it.each([
    [
      'invalid_value',
      'max_tokens',
      'It is too small.',
      'invalid_request_error',
      'max_tokens: It is too small.',
    ],
    [
      'invalid_value',
      'max_tokens',
      "'max_tokens' is too small.",
      'invalid_request_error',
      "'max_tokens' is too small.",
    ],
    ['invalid_api_key', null, 'No.', 'authentication_error', 'No.'],
    ['invalid_host', null, 'No.', 'permission_error', 'No.'],
    ['method_not_allowed', null, 'No.', 'invalid_request_error', 'No.'],
    ['request_too_large', null, 'No.', 'request_too_large', 'No.'],
    ['insufficient_quota', null, 'No.', 'rate_limit_error', 'No.'],
    ['upstream_overloaded', null, 'No.', 'overloaded_error', 'No.'],
    ['upstream_unreachable', null, 'No.', 'api_error', 'No.'],
    ['storage_unavailable', null, 'No.', 'api_error', 'No.'],
    ['of_another_version', null, 'No.', 'api_error', 'No.'],
  ])('%s of %s is told so', (code, param, message, type, told) => {
    const error = messagesError({ code, param, message, type: 'x' });
    expect(error).toEqual({ type: 'error', error: { type, message: told } });
  });
});

describe('the input of a tool', () => {
  it.each([
    ['', {}],
    ['{"a": 1}', { a: 1 }],
    ['[1, 2]', [1, 2]],
    ['{', {}],
    ['{"a', {}],
    ['{"a"', {}],
    ['{"a":', {}],
    ['{"a": "b', {}],
    ['{"a": "b"', { a: 'b' }],
    ['{"a": "b", ', { a: 'b' }],
    ['{"a": 12', {}],
    ['{"a": 12,', { a: 12 }],
    ['{"a": true', { a: true }],
    ['{"a": tru', {}],
    ['{"a": [1, {"b": "c"', { a: [1, { b: 'c' }] }],
    ['{"a": "\\"}", "b', { a: '"}' }],
    ['nonsense', {}],
    [`{"a": ${'['.repeat(5000)}${']'.repeat(5000)}}`, {}],
  ])('%j, cut off, is %j', (json, value) => {
    expect(parseUnfinished(json)).toEqual(value);
  });

  it('is read in one pass, however much of it is open', () => {
    const open = '{"a": ['.repeat(200_000);
    const began = performance.now();
    expect(parseUnfinished(open)).toEqual({});
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
