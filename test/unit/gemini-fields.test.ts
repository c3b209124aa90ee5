import { describe, expect, it } from 'vitest';
import type { CompletionRequest } from '../../src/core/completion.ts';
import { geminiFormat } from '../../src/providers/formats/gemini/format.ts';
import { PreparedRequest } from '../../src/providers/request/prepared-request.ts';
import { deployment, userRequest } from '../support/provider-calls.ts';

type Fields = Partial<CompletionRequest>;

function bodyOf(fields: Fields, model = 'gemini-2.5-flash', vertex = false): Record<string, unknown> {
  const format = geminiFormat(vertex ? { labels: true } : {});
  const call = { deployment: deployment(), model };
  const { contents: _, ...body } = format.encode(
    new PreparedRequest(userRequest('hi', fields), call, format.supports, format.ownTools),
  ) as Record<string, unknown>;
  return body;
}

function configOf(fields: Fields, model?: string): unknown {
  return bodyOf(fields, model).generationConfig;
}

function refusal(param: string) {
  return expect.objectContaining({ code: 'unsupported_value', param });
}

describe('generationConfig', () => {
  it('has Google’s names, and nothing that was not set', () => {
    const set = {
      temperature: 0,
      top_p: 0.5,
      max_tokens: 9,
      stop: 'END',
      n: 2,
      seed: 1,
      presence_penalty: 0.5,
    };
    expect(configOf({ ...set, frequency_penalty: 1, logprobs: true, top_logprobs: 3 })).toEqual({
      temperature: 0,
      topP: 0.5,
      maxOutputTokens: 9,
      stopSequences: ['END'],
      candidateCount: 2,
      seed: 1,
      presencePenalty: 0.5,
      frequencyPenalty: 1,
      responseLogprobs: true,
      logprobs: 3,
    });
    const defaults = {
      n: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      logprobs: false,
      modalities: ['text'],
    };
    expect(bodyOf({ ...defaults, tools: [], response_format: { type: 'text' } })).toEqual({});
  });

  it('takes five stop sequences, and refuses more', () => {
    const stop = ['1', '2', '3', '4', '5'];
    expect(configOf({ stop })).toEqual({ stopSequences: stop });
    expect(() => configOf({ stop: [...stop, '6'] })).toThrow(refusal('stop'));
    expect(configOf({ stop: [...stop, '6'], seed: 1, drop_params: true })).toEqual({ seed: 1 });
  });

  it('asks for JSON, with the schema as it is or in OpenAPI’s words', () => {
    const schema = { $schema: 'x', type: 'object', properties: {}, additionalProperties: false };
    const json_schema = { name: 'a', strict: true, schema };
    const responseMimeType = 'application/json';
    expect(configOf({ response_format: { type: 'json_object' } })).toEqual({ responseMimeType });
    const response_format = { type: 'json_schema', json_schema };
    expect(configOf({ response_format })).toEqual({ responseMimeType, responseJsonSchema: schema });
    expect(configOf({ response_format }, 'gemini-1.5-pro')).toEqual({
      responseMimeType,
      responseSchema: { type: 'OBJECT', properties: {} },
    });
    expect(() => configOf({ response_format: { type: 'grammar' } })).toThrow(refusal('response_format'));
  });

  it('asks for images, and refuses sound', () => {
    expect(configOf({ modalities: ['text', 'image'] })).toEqual({ responseModalities: ['TEXT', 'IMAGE'] });
    expect(() => configOf({ modalities: ['text', 'audio'] })).toThrow(refusal('modalities'));
  });

  it.each([
    ['gemini-2.5-pro', 'minimal', { thinkingBudget: 1024, includeThoughts: true }],
    ['gemini-2.5-flash', 'low', { thinkingBudget: 1024, includeThoughts: true }],
    ['gemini-2.5-flash', 'medium', { thinkingBudget: 8192, includeThoughts: true }],
    ['gemini-2.5-flash', 'high', { thinkingBudget: 24576, includeThoughts: true }],
    ['gemini-2.5-flash-lite', 'none', { thinkingBudget: 0, includeThoughts: false }],
    ['gemini-pro-latest', 'high', { thinkingBudget: 24576, includeThoughts: true }],
    ['gemini-3-pro-preview', 'minimal', { thinkingLevel: 'low', includeThoughts: true }],
    ['gemini-3-pro-preview', 'medium', { thinkingLevel: 'high', includeThoughts: true }],
    ['gemini-3.1-pro-preview', 'medium', { thinkingLevel: 'medium', includeThoughts: true }],
    ['gemini-3-flash-preview', 'minimal', { thinkingLevel: 'minimal', includeThoughts: true }],
    ['gemini-3-flash-preview', 'none', { thinkingLevel: 'minimal', includeThoughts: false }],
    ['gemini-3.5-flash-lite', 'minimal', { thinkingLevel: 'minimal', includeThoughts: true }],
    ['gemini-3.5-flash', 'minimal', { thinkingLevel: 'low', includeThoughts: true }],
    ['publishers/google/models/gemini-3-flash', 'high', { thinkingLevel: 'high', includeThoughts: true }],
  ])('makes %s think as %s says', (model, reasoning_effort, thinkingConfig) => {
    expect(configOf({ reasoning_effort }, model)).toEqual({ thinkingConfig });
  });

  it.each([
    ['gemini-2.5-pro', 'none'],
    ['gemini-3.1-pro-preview', 'none'],
    ['gemini-3.5-flash', 'none'],
    ['gemini-2.0-flash', 'high'],
    ['gemini-2.5-flash', 'enormous'],
  ])('does not make %s think as %s says', (model, reasoning_effort) => {
    expect(() => configOf({ reasoning_effort }, model)).toThrow(refusal('reasoning_effort'));
    expect(bodyOf({ reasoning_effort, drop_params: true }, model)).toEqual({});
  });

  it('says nothing of thoughts where nothing was said, or to a model that has none', () => {
    expect(bodyOf({ reasoning_effort: 'default' })).toEqual({});
    expect(bodyOf({ reasoning_effort: 'none' }, 'gemini-2.0-flash')).toEqual({});
  });

  it('takes the thinking that LiteLLM takes', () => {
    const thinking = { type: 'enabled', budget_tokens: 77 };
    const thinkingConfig = { thinkingBudget: 77, includeThoughts: true };
    expect(bodyOf({ thinking })).toEqual({ generationConfig: { thinkingConfig } });
    expect(bodyOf({ thinking: { type: 'disabled' } })).toEqual({
      generationConfig: { thinkingConfig: { thinkingBudget: 0, includeThoughts: false } },
    });
  });
});

describe('fields of Google’s own', () => {
  it('go where Google has them, in either spelling', () => {
    const extras = {
      top_k: 3,
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
      speech_config: { voiceConfig: {} },
      safety_settings: [{ category: 'a' }],
      cachedContent: 'cachedContents/1',
      tool_config: { retrievalConfig: { languageCode: 'en' } },
      generationConfig: { audioTimestamp: true },
    };
    const tools = [{ type: 'function', function: { name: 'f' } }];
    expect(bodyOf({ ...extras, tools, tool_choice: 'required' })).toEqual({
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY' }, retrievalConfig: { languageCode: 'en' } },
      safetySettings: [{ category: 'a' }],
      cachedContent: 'cachedContents/1',
      generationConfig: {
        topK: 3,
        mediaResolution: 'MEDIA_RESOLUTION_LOW',
        speechConfig: { voiceConfig: {} },
        audioTimestamp: true,
      },
    });
  });

  it('make the user a label of Vertex AI’s, if it can be one', () => {
    expect(bodyOf({ user: 'user-1' })).toEqual({});
    expect(bodyOf({ user: 'user-1', labels: { team: 'a' } }, 'm', true)).toEqual({
      labels: { user: 'user-1', team: 'a' },
    });
    expect(bodyOf({ user: 'A user@example.com' }, 'm', true)).toEqual({});
  });
});

describe('tools in Gemini’s format', () => {
  const parameters = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false };
  const tools = [
    { type: 'function', function: { name: 'f', description: 'F.', parameters, strict: true } },
    { type: 'function', function: { name: 'g', parameters: { type: 'object', properties: {} } } },
  ];

  it('are declared with their schema as it is, or in OpenAPI’s words, and with none where it is empty', () => {
    const declared = (schema: object) => {
      const functionDeclarations = [{ name: 'f', description: 'F.', ...schema }, { name: 'g' }];
      return { tools: [{ functionDeclarations }] };
    };
    expect(bodyOf({ tools })).toEqual(declared({ parametersJsonSchema: parameters }));
    const openApi = { type: 'OBJECT', properties: { a: { type: 'STRING' } } };
    expect(bodyOf({ tools }, 'gemini-1.5-flash')).toEqual(declared({ parameters: openApi }));
  });

  it.each([
    ['auto', { mode: 'AUTO' }],
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
    [
      { type: 'function', function: { name: 'f' } },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
  ])('are chosen: %j', (tool_choice, functionCallingConfig) => {
    expect(bodyOf({ tools, tool_choice }).toolConfig).toEqual({ functionCallingConfig });
  });

  it('are left out where others are allowed', () => {
    const allowed_tools = { mode: 'required', tools: [{ type: 'function', function: { name: 'g' } }] };
    expect(bodyOf({ tools, tool_choice: { type: 'allowed_tools', allowed_tools } })).toEqual({
      tools: [{ functionDeclarations: [{ name: 'g' }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY' } },
    });
  });

  it('may be Google’s own, beside functions', () => {
    const own = [
      { type: 'google_search' },
      { type: 'codeExecution', codeExecution: {} },
      { type: 'google_maps', google_maps: { enableWidget: true } },
      { type: 'file_search', fileSearchStoreNames: ['a'] },
      { type: 'web_search_preview', search_context_size: 'low' },
    ];
    expect(bodyOf({ tools: [...own, ...tools.slice(1)] }).tools).toEqual([
      { functionDeclarations: [{ name: 'g' }] },
      { googleSearch: {} },
      { codeExecution: {} },
      { googleMaps: { enableWidget: true } },
      { fileSearch: { fileSearchStoreNames: ['a'] } },
      { googleSearch: {} },
    ]);
    expect(() => bodyOf({ tools: [{ type: 'computer_20250124' }] })).toThrow(refusal('tools[0].type'));
  });

  it('are a search where OpenAI’s options ask for one', () => {
    const googleSearch = [{ googleSearch: {} }];
    expect(bodyOf({ web_search_options: { search_context_size: 'medium' } }).tools).toEqual(googleSearch);
    const where = { web_search_options: { user_location: { type: 'approximate' } } };
    expect(() => bodyOf(where)).toThrow(refusal('web_search_options.user_location'));
    expect(bodyOf({ ...where, drop_params: true }).tools).toEqual(googleSearch);
  });
});
