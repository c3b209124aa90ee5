import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { invokeFormat } from '../../src/providers/formats/bedrock-invoke/formats.ts';
import { encodeRequest } from '../support/encode-request.ts';

const CLAUDE = 'us.anthropic.claude-3-7-sonnet-20250219-v1:0';
const NOVA = 'us.amazon.nova-2-lite-v1:0';
const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0';
const MISTRAL = 'mistral.mistral-7b-instruct-v0:2';
const TITAN = 'amazon.titan-text-lite-v1';
const COMMAND = 'cohere.command-text-v14';
const COMMAND_R = 'cohere.command-r-plus-v1:0';
const JAMBA = 'ai21.jamba-1-5-mini-v1:0';
const GPT_OSS = 'openai.gpt-oss-120b-1:0';

const dialogue: CompletionRequest['messages'] = [
  { role: 'system', content: 'S' },
  { role: 'user', content: 'A' },
  { role: 'assistant', content: 'B' },
  { role: 'user', content: 'C' },
];

function body(model: string, fields: Partial<CompletionRequest> = {}): Record<string, unknown> {
  return encodeRequest(invokeFormat(model), model, fields);
}

describe('the format of a model for InvokeModel', () => {
  it.each([
    [CLAUDE, 'Anthropic messages'],
    [NOVA, 'Nova'],
    [TITAN, 'Titan Text'],
    [LLAMA, 'Llama 3'],
    ['meta.llama2-13b-chat-v1', 'Llama 2'],
    ['us.meta.llama4-scout-17b-instruct-v1:0', 'Llama 4'],
    ['llama', 'Llama 3'],
    [MISTRAL, 'Mistral text completion'],
    ['mistral.mixtral-8x7b-instruct-v0:1', 'Mistral text completion'],
    ['mistral.mistral-large-2402-v1:0', 'Mistral text completion'],
    ['us.mistral.pixtral-large-2502-v1:0', 'OpenAI chat completions'],
    ['mistral.ministral-3-8b-instruct', 'OpenAI chat completions'],
    [COMMAND, 'Cohere Command'],
    [COMMAND_R, 'Cohere Command R'],
    [JAMBA, 'AI21 Jamba'],
    ['us.deepseek.r1-v1:0', 'DeepSeek R1'],
    ['deepseek_r1', 'DeepSeek R1'],
    ['deepseek.v3-v1:0', 'OpenAI chat completions'],
    [GPT_OSS, 'OpenAI chat completions'],
    ['arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-x', 'Anthropic messages'],
  ])('%s is %s', (model, name) => {
    expect(invokeFormat(model).name).toBe(`Bedrock InvokeModel: ${name}`);
  });

  it('is whole for Jurassic-2', () => {
    expect(invokeFormat('ai21.j2-ultra-v1').name).toBe('AI21 Jurassic-2 complete');
  });
});

describe('a prompt for InvokeModel', () => {
  it.each([
    [
      LLAMA,
      '<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|>' +
        '<|start_header_id|>user<|end_header_id|>\n\nA<|eot_id|>' +
        '<|start_header_id|>assistant<|end_header_id|>\n\nB<|eot_id|>' +
        '<|start_header_id|>user<|end_header_id|>\n\nC<|eot_id|>' +
        '<|start_header_id|>assistant<|end_header_id|>\n\n',
    ],
    [
      'meta.llama4-x',
      '<|begin_of_text|><|header_start|>system<|header_end|>\n\nS<|eot|>' +
        '<|header_start|>user<|header_end|>\n\nA<|eot|><|header_start|>assistant<|header_end|>\n\nB<|eot|>' +
        '<|header_start|>user<|header_end|>\n\nC<|eot|><|header_start|>assistant<|header_end|>\n\n',
    ],
    ['meta.llama2-x', '<s>[INST] <<SYS>>\nS\n<</SYS>>\n\nA [/INST] B </s><s>[INST] C [/INST]'],
    [MISTRAL, '<s>[INST] S\n\nA [/INST] B</s>[INST] C [/INST]'],
    [
      'deepseek.r1',
      '<｜begin▁of▁sentence｜>S<｜User｜>A<｜Assistant｜>B<｜end▁of▁sentence｜><｜User｜>C<｜Assistant｜>',
    ],
    [COMMAND, 'System: S\n\nUser: A\n\nAssistant: B\n\nUser: C\n\nAssistant:'],
  ])('of %s is as it was taught', (model, prompt) => {
    expect(body(model, { messages: dialogue }).prompt).toBe(prompt);
  });

  it('of Titan too, and of others as LiteLLM’s template says', () => {
    expect(body(TITAN, { messages: dialogue }).inputText).toBe('S\nUser: A\nBot: B\nUser: C\nBot:');
    const roles = { user: { pre_message: '<u>', post_message: '</u>' } };
    const templated = { messages: dialogue.slice(1, 2), roles, final_prompt_value: '!' };
    expect(body(LLAMA, templated as Partial<CompletionRequest>)).toEqual({ prompt: '<u>A</u>!' });
  });

  it('comes with the fields under the model’s own names', () => {
    const fields = { temperature: 0.5, top_p: 0.9, max_tokens: 10 };
    const stop = { stop: 'END' };
    expect(body(LLAMA, fields)).toMatchObject({ temperature: 0.5, top_p: 0.9, max_gen_len: 10 });
    expect(body(MISTRAL, { ...fields, ...stop })).toMatchObject({ max_tokens: 10, stop: ['END'] });
    expect(body(TITAN, { ...fields, ...stop })).toEqual({
      inputText: 'User: hi\nBot:',
      textGenerationConfig: { maxTokenCount: 10, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
    });
    expect(body(COMMAND, { ...fields, ...stop, n: 2, top_k: 3 } as Partial<CompletionRequest>)).toEqual({
      prompt: 'hi',
      stream: true,
      temperature: 0.5,
      p: 0.9,
      k: 3,
      max_tokens: 10,
      stop_sequences: ['END'],
      num_generations: 2,
    });
    const hot = () => body(LLAMA, { temperature: 2 });
    expect(hot).toThrow(expect.objectContaining({ code: 'unsupported_value', param: 'temperature' }));
    expect(() => body(LLAMA, stop)).toThrow(expect.objectContaining({ code: 'unsupported_parameter' }));
  });
});

describe('a chat for InvokeModel', () => {
  it('with Command R has the last message apart', () => {
    const fields = { messages: dialogue, top_p: 0.9, seed: 1, top_k: 2, documents: [] };
    expect(body(COMMAND_R, fields as Partial<CompletionRequest>)).toEqual({
      message: 'C',
      chat_history: [
        { role: 'USER', message: 'A' },
        { role: 'CHATBOT', message: 'B' },
      ],
      preamble: 'S',
      p: 0.9,
      seed: 1,
      k: 2,
      documents: [],
    });
    const unanswered = () => body(COMMAND_R, { messages: dialogue.slice(0, 3) });
    expect(unanswered).toThrow(expect.objectContaining({ param: 'messages[2].role' }));
    expect(() => body(COMMAND_R, { presence_penalty: -1 })).toThrow('presence_penalty');
  });

  it('with Claude and open models says neither model nor stream', () => {
    expect(body(CLAUDE, { max_tokens: 5 })).toEqual({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 5,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    });
    const plain = { messages: [{ role: 'user', content: 'hi' }], max_tokens: 5 };
    for (const model of [GPT_OSS, JAMBA]) expect(body(model, { max_tokens: 5, user: 'u' })).toEqual(plain);
  });

  it('with Nova has its own fields among the rest', () => {
    const fields = { max_tokens: 5, top_k: 2, reasoning_effort: 'low' } as Partial<CompletionRequest>;
    expect(body(NOVA, fields)).toEqual({
      schemaVersion: 'messages-v1',
      messages: [{ role: 'user', content: [{ text: 'hi' }] }],
      inferenceConfig: { maxTokens: 5, topK: 2 },
      reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' },
    });
  });
});
