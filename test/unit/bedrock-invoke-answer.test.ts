import { describe, expect, it } from 'vitest';
import { Fold } from '../../src/core/fold.ts';
import { invokeFormat } from '../../src/providers/formats/bedrock-invoke/formats.ts';
import { decode } from '../support/decode.ts';
import { chunkFrame, eventFrame } from '../support/eventstream.ts';

const CLAUDE = 'us.anthropic.claude-3-7-sonnet-20250219-v1:0';
const NOVA = 'us.amazon.nova-2-lite-v1:0';
const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0';
const MISTRAL = 'mistral.mistral-7b-instruct-v0:2';
const TITAN = 'amazon.titan-text-lite-v1';
const COMMAND = 'cohere.command-text-v14';
const COMMAND_R = 'cohere.command-r-plus-v1:0';
const GPT_OSS = 'openai.gpt-oss-120b-1:0';

const METRICS = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 10, outputTokenCount: 60 } };
const COUNTED = { prompt_tokens: 10, completion_tokens: 60, total_tokens: 70 };

function read(model: string, pieces: readonly (string | Uint8Array)[], type?: string) {
  const { deltas, error } = decode(invokeFormat(model), pieces, type ?? 'application/vnd.amazon.eventstream');
  const fold = new Fold();
  for (const delta of deltas) fold.add(delta);
  return { ...fold.completion({ id: 'i', created: 0, model: 'm' }), error };
}

const chunks = (model: string, ...messages: object[]) => read(model, messages.map(chunkFrame));

describe('an answer of InvokeModel', () => {
  it.each([
    [LLAMA, { generation: 'a', stop_reason: null }, { generation: 'b', stop_reason: 'length' }, 'length'],
    [LLAMA, { generation: 'a' }, { generation: 'b', stop_reason: 'stop' }, 'stop'],
    [
      MISTRAL,
      { outputs: [{ text: 'a', stop_reason: null }] },
      { outputs: [{ text: 'b', stop_reason: 'length' }] },
      'length',
    ],
    ['deepseek.r1', { choices: [{ text: 'a' }] }, { choices: [{ text: 'b', stop_reason: 'stop' }] }, 'stop'],
    [
      TITAN,
      { outputText: 'a', completionReason: null },
      { outputText: 'b', completionReason: 'FINISH' },
      'stop',
    ],
    [TITAN, { outputText: 'a' }, { outputText: 'b', completionReason: 'LENGTH' }, 'length'],
    [TITAN, { outputText: 'a' }, { outputText: 'b', completionReason: 'CONTENT_FILTERED' }, 'content_filter'],
    [
      COMMAND,
      { text: 'a', is_finished: false },
      { text: 'b', is_finished: true, finish_reason: 'MAX_TOKENS' },
      'length',
    ],
    [
      COMMAND_R,
      { event_type: 'text-generation', text: 'a' },
      { event_type: 'text-generation', text: 'b', finish_reason: 'ERROR_TOXIC' },
      'content_filter',
    ],
  ])('of %s: %j, %j ends with %s', (model, first, last, reason) => {
    for (const pieces of [
      [first, { ...last, ...METRICS }],
      [first, last, METRICS],
    ]) {
      const { choices, usage, error } = chunks(model, ...pieces);
      expect(error).toBeNull();
      expect(choices[0]).toMatchObject({ message: { content: 'ab' }, finish_reason: reason });
      expect(usage).toEqual(COUNTED);
    }
    expect(chunks(model, first).error).toMatchObject({ code: 'upstream_truncated' });
  });

  it('of Command R ends without repeating itself, and fails where it says so', () => {
    const begin = [{ event_type: 'search-queries-generation' }, { event_type: 'text-generation', text: 'a' }];
    const end = (finish_reason: string) => ({
      event_type: 'stream-end',
      response: { text: 'a', finish_reason },
    });
    const { choices, error } = chunks(COMMAND_R, ...begin, end('COMPLETE'));
    expect(error).toBeNull();
    expect(choices[0]).toMatchObject({ message: { content: 'a' }, native_finish_reason: 'COMPLETE' });
    expect(chunks(COMMAND_R, ...begin, end('ERROR')).error).toMatchObject({ code: 'upstream_error' });
  });

  it('of Command keeps its generations apart', () => {
    const { choices } = chunks(
      COMMAND,
      { index: 1, text: 'B', is_finished: false },
      { index: 0, text: 'A', is_finished: true, finish_reason: 'COMPLETE' },
      { index: 1, text: 'b', is_finished: true, finish_reason: 'MAX_TOKENS' },
    );
    expect(choices.map(({ message, finish_reason }) => [message.content, finish_reason])).toEqual([
      ['A', 'stop'],
      ['Bb', 'length'],
    ]);
  });

  it('of Claude and Nova has the model’s own usage', () => {
    const claude = chunks(
      CLAUDE,
      { type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 1 } } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
      { type: 'message_stop', ...METRICS },
    );
    expect(claude).toMatchObject({ error: null, usage: { prompt_tokens: 3, completion_tokens: 2 } });
    const nova = chunks(
      NOVA,
      { messageStart: { role: 'assistant' } },
      { contentBlockDelta: { delta: { text: 'a' }, contentBlockIndex: 0 } },
      { messageStop: { stopReason: 'max_tokens' } },
      { metadata: { usage: { inputTokens: 3, outputTokens: 2 } }, ...METRICS },
    );
    expect(nova).toMatchObject({ error: null, usage: { total_tokens: 5 } });
    expect(nova.choices[0]?.finish_reason).toBe('length');
  });

  it('of open models may break off with an error of its own', () => {
    const error = { message: 'Overloaded', type: 'overloaded_error' };
    const { choices, error: thrown } = chunks(
      GPT_OSS,
      { choices: [{ index: 0, delta: { content: 'a' } }] },
      { error },
    );
    expect(thrown).toMatchObject({ code: 'upstream_overloaded' });
    expect(choices[0]?.message.content).toBe('a');
  });

  it('says what a guardrail did', () => {
    const trace = { guardrail: { input: {} } };
    const { choices } = chunks(
      LLAMA,
      { generation: 'No.', 'amazon-bedrock-guardrailAction': 'NONE' },
      {
        generation: '',
        stop_reason: 'stop',
        'amazon-bedrock-guardrailAction': 'INTERVENED',
        'amazon-bedrock-trace': trace,
      },
    );
    expect(choices[0]?.message.provider_specific_fields).toEqual({
      'amazon-bedrock-guardrailAction': 'INTERVENED',
      'amazon-bedrock-trace': trace,
    });
  });

  it('may be whole', () => {
    const titan = { inputTextTokenCount: 1, results: [{ outputText: 'a', completionReason: 'FINISH' }] };
    expect(read(TITAN, [JSON.stringify(titan)], 'application/json').choices[0]).toMatchObject({
      message: { content: 'a' },
      finish_reason: 'stop',
    });
  });

  it.each(['bm90IEpTT04=', '####'])('is refused where a chunk holds no JSON (%s)', (bytes) => {
    const { error } = read(LLAMA, [eventFrame('chunk', { bytes })]);
    expect(error).toMatchObject({ code: 'upstream_invalid_response' });
  });
});
