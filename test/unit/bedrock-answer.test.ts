import { describe, expect, it } from 'vitest';
import type { CompletionChoice, Usage } from '../../src/core/completion.ts';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import { bedrockConverse } from '../../src/providers/formats/bedrock-converse/format.ts';
import { decode } from '../support/decode.ts';
import { eventFrame, exceptionFrame, frame } from '../support/eventstream.ts';

const TYPE = 'application/vnd.amazon.eventstream';

interface Read {
  readonly deltas: readonly Delta[];
  readonly error: unknown;
  readonly choice: CompletionChoice | undefined;
  readonly usage: Usage | undefined;
}

function read(pieces: readonly (string | Uint8Array)[], type = TYPE): Read {
  const { deltas, error } = decode(bedrockConverse, pieces, type);
  const fold = new Fold();
  for (const delta of deltas) fold.add(delta);
  const { choices, usage } = fold.completion({ id: 'i', created: 0, model: 'm' });
  return { deltas, error, choice: choices[0], usage };
}

const begin = eventFrame('messageStart', { role: 'assistant' });
const delta = (index: number, fields: object) =>
  eventFrame('contentBlockDelta', { contentBlockIndex: index, delta: fields });
const stop = (index: number) => eventFrame('contentBlockStop', { contentBlockIndex: index });
const start = (index: number, toolUse: object) =>
  eventFrame('contentBlockStart', { contentBlockIndex: index, start: { toolUse } });
const end = (stopReason = 'end_turn') => eventFrame('messageStop', { stopReason });
const metadata = (usage: object, more: object = {}) =>
  eventFrame('metadata', { usage, metrics: { latencyMs: 1 }, ...more });
const usage = { inputTokens: 3, outputTokens: 2, totalTokens: 5 };

describe('the end of an answer of Converse', () => {
  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['guardrail_intervened', 'content_filter'],
    ['content_filtered', 'content_filter'],
    ['something_new', 'stop'],
    // Without a call, there is nothing that a client could answer.
    ['tool_use', 'stop'],
  ])('%s is %s', (native, reason) => {
    const { choice, error } = read([begin, delta(0, { text: 'a' }), end(native), metadata(usage)]);
    expect(error).toBeNull();
    expect(choice).toMatchObject({ finish_reason: reason, native_finish_reason: native });
  });

  it.each(['tool_use', 'end_turn'])('%s after calls is tool_calls', (native) => {
    const call = [start(0, { toolUseId: 't1', name: 'f' }), delta(0, { toolUse: { input: '{}' } }), stop(0)];
    expect(read([begin, ...call, end(native), metadata(usage)]).choice?.finish_reason).toBe('tool_calls');
    expect(read([begin, ...call, end('max_tokens')]).choice?.finish_reason).toBe('length');
  });

  it('is one where nothing follows it, and none where only its usage has come', () => {
    expect(read([begin, end()])).toMatchObject({ error: null, usage: undefined });
    const cut = read([begin, delta(0, { text: 'a' }), metadata(usage)]);
    expect(cut.error).toMatchObject({ code: 'upstream_truncated' });
  });

  it('comes behind what a guardrail did and what was asked for of the model', () => {
    const trace = { guardrail: { inputAssessment: { g1: { topicPolicy: {} } } } };
    const fields = { stop_sequence: 'END' };
    const stopped = eventFrame('messageStop', {
      stopReason: 'guardrail_intervened',
      additionalModelResponseFields: fields,
    });
    const { deltas, choice } = read([begin, delta(0, { text: 'No.' }), stopped, metadata(usage, { trace })]);
    expect(deltas.map(({ type }) => type).slice(-4)).toEqual([
      'provider_specific',
      'provider_specific',
      'finish',
      'usage',
    ]);
    expect(choice?.message.provider_specific_fields).toEqual({
      additionalModelResponseFields: fields,
      trace,
    });
    const silent = read([begin, end(), metadata(usage, { trace: {} })]);
    expect(silent.choice?.message.provider_specific_fields).toBeUndefined();
  });
});

describe('usage of Converse', () => {
  it('counts what the cache had and got into the prompt, once for both spellings', () => {
    const cached = {
      inputTokens: 12,
      outputTokens: 250,
      totalTokens: 1290,
      cacheReadInputTokens: 1028,
      cacheReadInputTokenCount: 1028,
      cacheWriteInputTokens: 7,
      cacheWriteInputTokenCount: 7,
    };
    const expected = {
      prompt_tokens: 1047,
      completion_tokens: 250,
      total_tokens: 1297,
      prompt_tokens_details: { cached_tokens: 1028, cache_creation_tokens: 7 },
    };
    expect(read([begin, end(), metadata(cached)]).usage).toEqual(expected);
    const { cacheReadInputTokens: _r, cacheWriteInputTokens: _w, ...other } = cached;
    expect(read([begin, end(), metadata(other)]).usage).toEqual(expected);
  });

  it('has no details where there was no cache', () => {
    expect(read([begin, end(), metadata(usage)]).usage).toEqual({
      prompt_tokens: 3,
      completion_tokens: 2,
      total_tokens: 5,
    });
  });
});

describe('the content of an answer of Converse', () => {
  it('gives signed reasoning back as a block, and what is withheld in Anthropic’s form', () => {
    const { choice } = read([
      begin,
      delta(0, { reasoningContent: { text: 'First, ' } }),
      delta(0, { reasoningContent: { text: 'think.' } }),
      delta(0, { reasoningContent: { signature: 'c2ln' } }),
      stop(0),
      delta(1, { reasoningContent: { redactedContent: Buffer.from('RXRrRUNr==').toString('base64') } }),
      stop(1),
      delta(2, { text: 'Done.' }),
      end(),
    ]);
    expect(choice?.message).toMatchObject({
      content: 'Done.',
      reasoning_content: 'First, think.',
      thinking_blocks: [
        { type: 'thinking', thinking: 'First, think.', signature: 'c2ln' },
        { type: 'redacted_thinking', data: 'RXRrRUNr==' },
      ],
    });
  });

  it('gives no block for reasoning without a signature', () => {
    const { choice } = read([begin, delta(1, { reasoningContent: { text: 'Hm.' } }), stop(1), end()]);
    expect(choice?.message.reasoning_content).toBe('Hm.');
    expect(choice?.message.thinking_blocks).toBeUndefined();
  });

  it('numbers calls from 0, fills in missing arguments, and leaves out calls of Amazon’s tools', () => {
    const { choice } = read([
      begin,
      delta(0, { text: '<thinking>I look.</thinking>' }),
      start(1, { toolUseId: 's', name: 'nova_grounding', type: 'server_tool_use' }),
      delta(1, { toolUse: { input: '{"query":"x"}' } }),
      stop(1),
      start(2, { toolUseId: 'a', name: 'look' }),
      delta(2, { toolUse: { input: '{"at":' } }),
      delta(2, { toolUse: { input: '1}' } }),
      start(3, { toolUseId: 'b', name: 'stop' }),
      stop(3),
      end('tool_use'),
    ]);
    expect(choice?.message.content).toBe('<thinking>I look.</thinking>');
    expect(choice?.message.tool_calls).toEqual([
      { id: 'a', type: 'function', function: { name: 'look', arguments: '{"at":1}' } },
      { id: 'b', type: 'function', function: { name: 'stop', arguments: '{}' } },
    ]);
  });

  it('reads the tool that stands for a schema as text', () => {
    const { choice } = read([
      begin,
      start(0, { toolUseId: 'a', name: 'sluice_structured_answer' }),
      delta(0, { toolUse: { input: '{"n":' } }),
      delta(0, { toolUse: { input: '1}' } }),
      stop(0),
      end('tool_use'),
    ]);
    expect(choice).toMatchObject({ message: { content: '{"n":1}' }, finish_reason: 'stop' });
    expect(choice?.message.tool_calls).toBeUndefined();
  });

  it('gives sources with the stretch of text that rests on them', () => {
    const web = { title: 'A page', location: { web: { url: 'https://a.example/', domain: 'a.example' } } };
    const paper = { title: 'A paper', location: { documentPage: { documentIndex: 0, start: 1, end: 2 } } };
    const { choice } = read([
      begin,
      delta(0, { text: '🙂 So: ' }),
      stop(0),
      delta(1, { text: 'it is.' }),
      delta(1, { citation: web }),
      delta(1, { citation: paper }),
      stop(1),
      end(),
    ]);
    const place = { start_index: 6, end_index: 12 };
    expect(choice?.message.annotations).toEqual([
      { type: 'url_citation', url_citation: { url: 'https://a.example/', title: 'A page', ...place } },
      { type: 'bedrock_citation', bedrock_citation: paper, ...place },
    ]);
  });

  it('is read whole, too', () => {
    const whole = {
      output: {
        message: {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'Hm.', signature: 's' } } },
            { text: 'Look: ' },
            { citationsContent: { content: [{ text: 'here.' }], citations: [{ title: 't' }] } },
            { toolUse: { toolUseId: 'a', name: 'look', input: { at: 1 } } },
          ],
        },
      },
      stopReason: 'tool_use',
      usage,
    };
    const { choice, usage: counted, error } = read([JSON.stringify(whole)], 'application/json');
    expect(error).toBeNull();
    expect(choice?.message).toMatchObject({
      content: 'Look: here.',
      reasoning_content: 'Hm.',
      thinking_blocks: [{ type: 'thinking', thinking: 'Hm.', signature: 's' }],
      annotations: [{ type: 'bedrock_citation', start_index: 6, end_index: 11 }],
      tool_calls: [{ id: 'a', function: { name: 'look', arguments: '{"at":1}' } }],
    });
    expect(counted?.total_tokens).toBe(5);
  });
});

describe('an error inside an answer of Converse', () => {
  it.each([
    ['validationException', 'Bad input.', 'upstream_bad_request', false],
    ['validationException', 'Input is too long for requested model.', 'context_length_exceeded', false],
    ['throttlingException', 'Too many requests.', 'rate_limit_exceeded', true],
    ['serviceUnavailableException', 'Busy.', 'upstream_overloaded', true],
    ['modelTimeoutException', 'Took too long.', 'upstream_timeout', true],
    ['modelStreamErrorException', 'Failed.', 'upstream_error', true],
    ['internalServerException', 'Failed.', 'upstream_error', true],
  ])('%s: %s is %s', (type, message, code, retryable) => {
    const { deltas, error } = read([begin, delta(0, { text: 'a' }), exceptionFrame(type, message)]);
    expect(error).toMatchObject({ code, retryable, message: expect.stringContaining(message) });
    expect(deltas.map(({ type: kind }) => kind)).toEqual(['start', 'text']);
  });

  it('may be the first frame, and of the other kind', () => {
    const headers = { ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'Oops.' };
    const { error, deltas } = read([frame(headers, '')]);
    expect(error).toMatchObject({ code: 'upstream_error', retryable: true });
    expect((error as Error).message).toContain('Oops.');
    expect(deltas).toEqual([]);
  });

  it('is told for frames that are damaged', () => {
    const bytes = Buffer.from(delta(0, { text: 'a' }));
    bytes.writeUInt8(0, bytes.length - 10);
    expect(read([begin, bytes]).error).toMatchObject({ code: 'upstream_invalid_response' });
  });
});
