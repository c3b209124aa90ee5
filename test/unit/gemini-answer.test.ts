import { describe, expect, it } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import { decoderFor } from '../../src/providers/answer/decoders.ts';
import { geminiFormat } from '../../src/providers/formats/gemini/format.ts';
import { decode as decodeWith } from '../support/decode.ts';

const format = geminiFormat();

/** One event of a stream. */
function event(response: unknown): string {
  return `data: ${JSON.stringify(response)}\r\n\r\n`;
}

function candidate(fields: object, ...parts: object[]): string {
  return event({
    candidates: [{ ...(parts.length > 0 && { content: { parts, role: 'model' } }), ...fields }],
  });
}

function text(said: string): string {
  return candidate({}, { text: said });
}

const STOP = candidate({ finishReason: 'STOP' });

function decode(...pieces: string[]) {
  const { deltas, error } = decodeWith(format, pieces);
  return { deltas, error, choice: choiceOf(deltas) };
}

function choiceOf(deltas: readonly Delta[]) {
  const fold = new Fold();
  for (const delta of deltas) fold.add(delta);
  return fold.completion({ id: 'i', created: 0, model: 'm' }).choices[0];
}

describe('the end of a Gemini answer', () => {
  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ...'SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII OTHER MODEL_ARMOR'
      .split(' ')
      .map((native) => [native, 'content_filter']),
    ...'IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT IMAGE_RECITATION IMAGE_OTHER NO_IMAGE'
      .split(' ')
      .map((native) => [native, 'content_filter']),
    ...'MALFORMED_FUNCTION_CALL UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS MISSING_THOUGHT_SIGNATURE'
      .split(' ')
      .map((native) => [native, 'stop']),
    ['FINISH_REASON_UNSPECIFIED', 'stop'],
    ['SOMETHING_NEW', 'stop'],
  ])('%s is %s', (native, reason) => {
    const { deltas, error } = decode(text('a'), candidate({ finishReason: native }));
    expect(error).toBeNull();
    expect(deltas.at(-1)).toEqual({ type: 'finish', choice: 0, reason, native });
  });

  it.each([
    [1, 'stop', 'STOP'],
    [2, 'length', 'MAX_TOKENS'],
    [3, 'content_filter', 'SAFETY'],
    [8, 'content_filter', '8'],
    [10, 'stop', '10'],
  ])('may be the number %i, as old SDKs write it', (number, reason, native) => {
    expect(decode(candidate({ finishReason: number })).choice).toMatchObject({
      finish_reason: reason,
      native_finish_reason: native,
    });
    const { error } = decode(candidate({ finishReason: 0 }, { text: 'a' }));
    expect(error).toMatchObject({ code: 'upstream_truncated' });
  });

  it('is that of a tool call where one was made, unless something went wrong', () => {
    const call = candidate({}, { functionCall: { name: 'f', args: {} } });
    expect(decode(call, STOP).choice?.finish_reason).toBe('tool_calls');
    expect(decode(call, candidate({ finishReason: 'MAX_TOKENS' })).choice?.finish_reason).toBe('length');
    expect(decode(call, candidate({ finishReason: 'SAFETY' })).choice?.finish_reason).toBe('content_filter');
  });

  it('is told last, once, where every message has one', () => {
    const each = ['a', 'b', 'c'].map((said) => candidate({ finishReason: 'STOP' }, { text: said }));
    const { deltas, choice } = decode(...each);
    expect(choice?.message.content).toBe('abc');
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'text', 'text', 'text', 'finish']);
  });

  it('is known before it is told, so that a connection may break behind it', () => {
    const completeAfter = (...pieces: string[]) => {
      const decoder = decoderFor('gemini', 'text/event-stream', (answer) => format.read(answer));
      for (const piece of pieces) decoder?.feed(Buffer.from(piece));
      return decoder?.complete;
    };
    const each = candidate({ finishReason: 'STOP' }, { text: 'a' });
    expect(completeAfter(text('a'))).toBe(false);
    expect(completeAfter(text('a'), STOP)).toBe(true);
    expect(completeAfter(text('a'), STOP, event({ usageMetadata: {} }))).toBe(true);
    expect(completeAfter(each, each)).toBe(false);
    expect(completeAfter(STOP, candidate({ index: 1 }, { text: 'b' }))).toBe(false);
  });

  it('is no end where an error follows it, in whatever form', () => {
    const status = { code: 503, message: 'Overloaded.', status: 'UNAVAILABLE' };
    const pretty = `${JSON.stringify({ error: status }, null, 2)}\r\n`;
    for (const tail of [
      pretty,
      pretty.trim(),
      `[${pretty}]`,
      event({ error: status }),
      event([{ error: status }]),
    ]) {
      const { deltas, error } = decode(text('a'), STOP, tail);
      expect(error).toMatchObject({ code: 'upstream_overloaded', retryable: true });
      expect(deltas.map(({ type }) => type)).toEqual(['start', 'text']);
    }
  });

  it('asks to wait where Google does', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }];
    const { error } = decode(event({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', details } }));
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', retryAfter: 34.4 });
  });

  it('is not what feedback on a prompt tells that blocks nothing', () => {
    const { error } = decode(event({ promptFeedback: { blockReason: null, safetyRatings: [] } }), text('a'));
    expect(error).toMatchObject({ code: 'upstream_truncated' });
  });

  it('is a filter’s where the prompt was refused', () => {
    const promptFeedback = { blockReason: 'PROHIBITED_CONTENT', blockReasonMessage: 'No.' };
    const { deltas, error } = decode(event({ promptFeedback, usageMetadata: { promptTokenCount: 4 } }));
    expect(error).toBeNull();
    expect(deltas).toEqual([
      { type: 'start', choice: 0 },
      { type: 'provider_specific', choice: 0, fields: { prompt_feedback: promptFeedback } },
      { type: 'finish', choice: 0, reason: 'content_filter', native: 'PROHIBITED_CONTENT' },
      { type: 'usage', usage: { prompt_tokens: 4, completion_tokens: 0, total_tokens: 4 } },
    ]);
    expect(decode(event({ promptFeedback: { safetyRatings: [] } }), text('a'), STOP).error).toBeNull();
  });
});

describe('what a Gemini answer says', () => {
  it('is text and thoughts, by choices', () => {
    const said = (index: number, ...parts: object[]) => ({ index, content: { parts } });
    const { deltas } = decode(
      event({ candidates: [said(0, { text: 'hm', thought: true }), said(1, { text: 'b' })] }),
      event({ candidates: [said(0, { text: 'a' }, { text: '' })], usageMetadata: {} }),
      event({ candidates: [{ index: 1, finishReason: 'STOP' }, { finishReason: 'MAX_TOKENS' }] }),
    );
    expect(deltas).toEqual([
      { type: 'start', choice: 0 },
      { type: 'reasoning', choice: 0, text: 'hm' },
      { type: 'start', choice: 1 },
      { type: 'text', choice: 1, text: 'b' },
      { type: 'text', choice: 0, text: 'a' },
      { type: 'finish', choice: 0, reason: 'length', native: 'MAX_TOKENS' },
      { type: 'finish', choice: 1, reason: 'stop', native: 'STOP' },
    ]);
  });

  it('comes whole as well, and as an array', () => {
    const responses = [
      { candidates: [{ content: { parts: [{ text: 'a' }] } }] },
      { candidates: [{ content: { parts: [{ text: 'b' }] }, finishReason: 'STOP' }] },
    ];
    const array = decodeWith(format, [JSON.stringify(responses)], 'application/json; charset=UTF-8');
    expect(choiceOf(array.deltas)).toMatchObject({ message: { content: 'ab' }, finish_reason: 'stop' });
    const whole = decodeWith(format, [JSON.stringify(responses[1])], 'application/json');
    expect(choiceOf(whole.deltas)).toMatchObject({ message: { content: 'b' }, finish_reason: 'stop' });
  });

  it('are calls, each with an id of its own and its signature', () => {
    const { choice } = decode(
      candidate({}, { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'c2ln' }),
      candidate({}, { functionCall: { name: 'f' } }, { functionCall: { name: 'g', args: {}, id: 'own' } }),
      STOP,
    );
    const calls = choice?.message.tool_calls ?? [];
    expect(calls.map(({ function: called }) => called)).toEqual([
      { name: 'f', arguments: '{"a":1}' },
      { name: 'f', arguments: '{}' },
      { name: 'g', arguments: '{}' },
    ]);
    expect(calls[0]?.provider_specific_fields).toEqual({ thought_signature: 'c2ln' });
    expect(calls[2]?.id).toBe('own');
    expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
  });

  it('keeps what OpenAI has no place for, told once', () => {
    const code = { executableCode: { language: 'PYTHON', code: '1' } };
    const ran = { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } };
    const ratings = [{ category: 'a', probability: 'NEGLIGIBLE' }];
    const { deltas, choice } = decode(
      candidate({ safetyRatings: ratings }, code, ran, { text: 'one' }),
      candidate({ safetyRatings: ratings }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }),
      candidate({ finishMessage: 'Done.', finishReason: 'STOP' }, { text: '', thoughtSignature: 'c2ln' }),
    );
    expect(choice?.message.content).toBe('one');
    expect(choice?.message.provider_specific_fields).toEqual({
      parts: [code, ran],
      images: [{ type: 'image_url', index: 0, image_url: { url: 'data:image/png;base64,AAAA' } }],
      safety_ratings: ratings,
      finish_message: 'Done.',
      thought_signatures: ['c2ln'],
    });
    expect(deltas.filter(({ type }) => type === 'provider_specific')).toHaveLength(1);
  });

  it('has the tokens’ probabilities', () => {
    const chosenCandidates = [{ token: 'ü', tokenId: 1, logProbability: -0.5 }, { token: '!' }];
    const topCandidates = [
      {
        candidates: [
          { token: 'ü', logProbability: -0.5 },
          { token: 'u', logProbability: -2 },
        ],
      },
    ];
    const logprobsResult = { chosenCandidates, topCandidates };
    const { deltas } = decode(candidate({ logprobsResult }, { text: 'ü' }, { text: '!' }), STOP);
    const token = { token: 'ü', logprob: -0.5, bytes: [0xc3, 0xbc] };
    expect(deltas[2]).toEqual({
      type: 'text',
      choice: 0,
      text: '!',
      logprobs: [
        { ...token, top_logprobs: [token, { token: 'u', logprob: -2, bytes: [0x75] }] },
        { token: '!', logprob: 0, bytes: [0x21], top_logprobs: [] },
      ],
    });
  });
});

describe('usage of a Gemini answer', () => {
  it('counts thoughts and what tools brought, and the last counts, never a sum', () => {
    const { deltas } = decode(
      event({ usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 } }),
      candidate({}, { text: 'a' }),
      event({
        candidates: [{ finishReason: 'STOP' }],
        usageMetadata: {
          promptTokenCount: 10,
          toolUsePromptTokenCount: 5,
          cachedContentTokenCount: 4,
          candidatesTokenCount: 3,
          thoughtsTokenCount: 2,
          totalTokenCount: 20,
          promptTokensDetails: [
            { modality: 'TEXT', tokenCount: 7 },
            { modality: 'AUDIO', tokenCount: 3 },
          ],
          candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1 }],
        },
      }),
      event({ usageMetadata: { trafficType: 'ON_DEMAND' } }),
    );
    expect(deltas.at(-1)).toEqual({
      type: 'usage',
      usage: {
        prompt_tokens: 15,
        completion_tokens: 5,
        total_tokens: 20,
        prompt_tokens_details: { cached_tokens: 4, audio_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 2, image_tokens: 1 },
      },
    });
  });

  it('is none where nothing was counted', () => {
    const { deltas } = decode(event({ usageMetadata: { trafficType: 'ON_DEMAND' } }), text('a'), STOP);
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'text', 'finish']);
  });
});
