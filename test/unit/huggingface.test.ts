import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { tgiGenerate } from '../../src/providers/formats/tgi/format.ts';
import { answerOf, bodyOf } from '../support/formats.ts';
import { userRequest } from '../support/provider-calls.ts';
import { requestOf } from '../support/recording-client.ts';

function parameters(fields: Partial<CompletionRequest>): unknown {
  return bodyOf(tgiGenerate, userRequest('Hi?', fields)).parameters;
}

/** One event as TGI writes it: without a space. */
function event(payload: object): string {
  return `data:${JSON.stringify(payload)}\n\n`;
}

function token(text: string, others: object = {}): string {
  return event({
    index: 1,
    token: { id: 1, text, logprob: 0, special: false },
    generated_text: null,
    ...others,
  });
}

const details = { finish_reason: 'eos_token', generated_tokens: 3, input_length: 4, seed: null };

describe('a request to TGI', () => {
  it('is a prompt with TGI’s own parameters', () => {
    const fields = {
      max_tokens: 5,
      temperature: 0.5,
      top_p: 0.9,
      stop: 'x',
      seed: 7,
      frequency_penalty: 1,
      top_k: 4,
    };
    expect(bodyOf(tgiGenerate, userRequest('Hi?', fields))).toEqual({
      inputs: 'Hi?',
      parameters: {
        details: true,
        return_full_text: false,
        do_sample: true,
        temperature: 0.5,
        top_p: 0.9,
        max_new_tokens: 5,
        stop: ['x'],
        seed: 7,
        frequency_penalty: 1,
        top_k: 4,
      },
      stream: true,
    });
  });

  it('has no temperature of 0 and no top_p of 1, which TGI refuses', () => {
    expect(parameters({ temperature: 0, top_p: 1 })).toEqual({
      details: true,
      return_full_text: false,
      do_sample: false,
    });
  });

  it.each([{ temperature: 0, top_p: 0.9 }, { temperature: 0.7, top_p: 0 }, { top_p: 0 }])(
    'has nothing that makes TGI sample where %o asks for the likeliest',
    (fields) => {
      const { do_sample = false, ...others } = parameters(fields) as { do_sample?: boolean };
      expect(do_sample).toBe(false);
      expect(others).toEqual({ details: true, return_full_text: false });
    },
  );

  it('has a schema as a grammar, and refuses JSON without one', () => {
    const schema = { type: 'object' };
    const json_schema = { name: 'n', schema };
    expect(parameters({ response_format: { type: 'json_schema', json_schema } })).toMatchObject({
      grammar: { type: 'json', value: schema },
    });
    expect(() => parameters({ response_format: { type: 'json_object' } })).toThrow(
      expect.objectContaining({ code: 'unsupported_value', param: 'response_format' }),
    );
  });
});

describe('an answer of TGI', () => {
  it.each([
    ['length', 'length', undefined],
    ['eos_token', 'stop', 'eos_token'],
    ['stop_sequence', 'stop', 'stop_sequence'],
  ])('that ends with %s ends with %s', (native, reason, kept) => {
    const end = token('!', { generated_text: 'Hi!', details: { ...details, finish_reason: native } });
    const { choice, usage, error } = answerOf(tgiGenerate, [token('Hi'), end]);
    expect(error).toBeNull();
    expect(choice).toMatchObject({ message: { content: 'Hi!' }, finish_reason: reason });
    expect(choice?.native_finish_reason).toBe(kept);
    expect(usage).toEqual({ prompt_tokens: 4, completion_tokens: 3, total_tokens: 7 });
  });

  it('has no special tokens in its text', () => {
    const special = { token: { id: 2, text: '</s>', special: true }, generated_text: 'Hi', details };
    expect(answerOf(tgiGenerate, [token('Hi'), event(special)]).choice?.message.content).toBe('Hi');
  });

  it('has usage only where the prompt is counted, which older versions do by listing it', () => {
    const { input_length: _, ...old } = details;
    expect(answerOf(tgiGenerate, [token('Hi', { details: old })]).usage).toBeUndefined();
    const listed = { ...old, prefill: [{ id: 1 }, { id: 2 }] };
    expect(answerOf(tgiGenerate, [token('Hi', { details: listed })]).usage?.prompt_tokens).toBe(2);
  });

  it.each([
    ['an object', { generated_text: 'Hi', details }],
    ['an array', [{ generated_text: 'Hi', details }]],
  ])('is read in one piece too: %s', (_name, whole) => {
    const { choice, error } = answerOf(tgiGenerate, [JSON.stringify(whole)], 'application/json');
    expect(error).toBeNull();
    expect(choice).toMatchObject({ message: { content: 'Hi' }, finish_reason: 'stop' });
  });

  it.each([
    ['generation', 'Request failed during generation: boom', 'upstream_error'],
    ['overloaded', 'Model is overloaded', 'upstream_overloaded'],
    [
      'validation',
      'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 20 `max_new_tokens`',
      'context_length_exceeded',
    ],
  ])('fails with what it says of %s', (error_type, text, code) => {
    const { choice, error } = answerOf(tgiGenerate, [token('Hi'), event({ error: text, error_type })]);
    expect(choice?.message.content).toBe('Hi');
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toContain(text);
  });
});

describe('a call to Hugging Face', () => {
  const ROUTER = 'https://router.huggingface.co/v1';
  const OWN = 'https://x.endpoints.huggingface.cloud';

  it.each([
    [null, 'openai/gpt-oss-120b:groq', `${ROUTER}/chat/completions`, 'openai/gpt-oss-120b:groq'],
    [ROUTER, 'openai/gpt-oss-120b', `${ROUTER}/chat/completions`, 'openai/gpt-oss-120b'],
    [ROUTER, 'groq/openai/gpt-oss-120b', `${ROUTER}/chat/completions`, 'openai/gpt-oss-120b:groq'],
    [OWN, 'a/b/c', `${OWN}/v1/chat/completions`, 'a/b/c'],
    [`${OWN}/v1`, 'tgi', `${OWN}/v1/chat/completions`, 'tgi'],
    [OWN, 'tgi/any', `${OWN}/generate_stream`, undefined],
  ])('at %s for %s goes to %s', async (apiBase, model, url, named) => {
    const { request } = await requestOf('huggingface', model, { apiBase });
    expect(request).toMatchObject({ url, headers: { authorization: 'Bearer sk-test' } });
    expect(JSON.parse(request?.body ?? '{}').model).toBe(named);
  });
});
