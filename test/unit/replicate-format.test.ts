import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { decoderFor } from '../../src/providers/answer/decoders.ts';
import { replicatePrediction } from '../../src/providers/formats/replicate/format.ts';
import { answerOf, bodyOf } from '../support/formats.ts';
import { userRequest } from '../support/provider-calls.ts';

function body(model: string, fields: Partial<CompletionRequest> = {}) {
  return bodyOf(replicatePrediction, userRequest('Hi?', fields), { model });
}

const system: Partial<CompletionRequest> = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi?' },
  ],
};

describe('a request to Replicate', () => {
  it('is the inputs of a model', () => {
    const fields = { max_tokens: 5, temperature: 0, top_p: 0.9, stop: ['a', 'b'], seed: 7, top_k: 4 };
    expect(body('meta/meta-llama-3-8b-instruct', fields)).toEqual({
      input: {
        prompt: 'Hi?',
        max_tokens: 5,
        temperature: 0,
        top_p: 0.9,
        stop_sequences: 'a,b',
        seed: 7,
        top_k: 4,
      },
      stream: true,
    });
  });

  it('refuses stop sequences that would become two', () => {
    const refusal = expect.objectContaining({ code: 'unsupported_value', param: 'stop' });
    expect(() => body('me/mine', { stop: ['a,b'] })).toThrow(refusal);
    const dropped = body('me/mine', { stop: ['a,b', 'c'], drop_params: true });
    expect(dropped.input).toEqual({ prompt: 'Hi?', stop_sequences: 'c' });
  });

  it.each([
    ['meta/llama-2-70b-chat', 'system_prompt', 'max_new_tokens'],
    ['openai/gpt-4o', 'system_prompt', 'max_completion_tokens'],
    ['google/gemini-2.5-flash', 'system_instruction', 'max_output_tokens'],
    ['anthropic/claude-4-sonnet', 'system_prompt', 'max_tokens'],
  ])('has the names of %s', (model, name, limit) => {
    expect(body(model, { ...system, max_tokens: 5 }).input).toEqual({
      prompt: 'Hi?',
      [name]: 'Be brief.',
      [limit]: 5,
    });
  });

  it('has the system’s words in the prompt for others, unless they are said to take them apart', () => {
    expect(body('me/mine', system).input).toEqual({ prompt: 'Be brief.\n\nHi?' });
    expect(body('me/mine', { ...system, supports_system_prompt: true }).input).toEqual({
      prompt: 'Hi?',
      system_prompt: 'Be brief.',
    });
  });

  it('names a version where there is one', () => {
    expect(body('me/mine:abc').version).toBe('abc');
    expect(body('abc').version).toBe('abc');
    expect(body('me/mine')).not.toHaveProperty('version');
  });
});

/** Lines of one piece of text as Replicate sends them. */
function output(text: string): string {
  return `event: output\nid: 1:0\n${text
    .split('\n')
    .map((line) => `data: ${line}\n`)
    .join('')}\n`;
}

const DONE = 'event: done\nid: 1:9\ndata: {}\n\n';

function answer(...pieces: string[]) {
  return answerOf(replicatePrediction, pieces);
}

describe('an answer of Replicate', () => {
  it.each([
    ['lines', ['a\nb', '\n', '\n\nc']],
    ['spaces', [' a', '  b ', ' ']],
    ['numbers and JSON', ['42', '{}', '{"error":"x"}', 'null', '[1]', '"a"']],
    ['what ends other streams', ['[DONE]', 'a']],
  ])('is text as it is: %s', (_name, pieces) => {
    const { choice, error } = answer(...pieces.map(output), DONE);
    expect(error).toBeNull();
    expect(choice).toMatchObject({ message: { content: pieces.join('') }, finish_reason: 'stop' });
  });

  it('may be empty, and says nothing of what it does not know', () => {
    expect(answer(DONE)).toMatchObject({ error: null, choice: { finish_reason: 'stop' } });
    const logs = 'event: logs\ndata: {"a":1}\n\n';
    expect(answer(logs, output('a'), logs, DONE).choice?.message.content).toBe('a');
  });

  it.each([
    ['text', 'event: error\ndata: CUDA out of memory\n\n', 'upstream_error', 'CUDA out of memory'],
    [
      'JSON',
      'event: error\ndata: {"detail":"Slow down","status":429}\n\n',
      'rate_limit_exceeded',
      'Slow down',
    ],
    ['its end', 'event: done\ndata: {"reason":"error"}\n\n', 'upstream_error', 'failed'],
    ['a cancellation', 'event: done\ndata: {"reason":"canceled"}\n\n', 'upstream_truncated', 'canceled'],
  ])('fails with what it says as %s', (_name, failure, code, text) => {
    const { choice, error } = answer(output('a'), failure);
    expect(choice?.message.content).toBe('a');
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toContain(text);
  });

  it('ends with its done event, though the connection stays open', () => {
    const decoder = decoderFor('replicate', 'text/event-stream', (read) => replicatePrediction.read(read));
    decoder?.feed(Buffer.from(output('a')));
    expect(decoder?.done).toBe(false);
    decoder?.feed(Buffer.from(DONE));
    expect(decoder?.done).toBe(true);
  });

  it('is cut without its done event', () => {
    expect(answer(output('a')).error).toMatchObject({ code: 'upstream_truncated' });
  });

  it.each([
    ['pieces', ['a', 'b'], 'ab'],
    ['a text', 'ab', 'ab'],
    ['nothing', null, ''],
  ])('is read as a whole prediction with %s', (_name, output, content) => {
    const metrics = { input_token_count: 1, output_token_count: 2, predict_time: 0.1 };
    const whole = JSON.stringify({ id: 'x', status: 'succeeded', output, error: null, metrics });
    expect(answerOf(replicatePrediction, [whole], 'application/json')).toMatchObject({
      error: null,
      choice: { message: { content }, finish_reason: 'stop' },
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    });
  });

  it('is what a whole prediction says that failed', () => {
    const failed = (fields: object) =>
      answerOf(
        replicatePrediction,
        [JSON.stringify({ id: 'x', output: null, ...fields })],
        'application/json',
      ).error;
    expect(failed({ status: 'failed', error: 'boom' })).toMatchObject({ code: 'upstream_error' });
    expect((failed({ status: 'failed', error: 'boom' }) as Error).message).toContain('boom');
    expect(failed({ status: 'canceled', error: null })).toMatchObject({ code: 'upstream_truncated' });
  });
});
