import { describe, expect, test } from 'vitest';
import { responsesSurface } from '../../src/surfaces/responses/surface.ts';
import { validate } from '../../src/surfaces/validate.ts';

/** What a body becomes, read as the API reads it. */
const read = (body: object) => {
  const checked = validate(responsesSurface.schema, { model: 'm', input: 'hi', ...body });
  return responsesSurface.parse(checked, null);
};
const messages = (...input: object[]) => read({ input }).request.messages;

test('text is what the user says, behind the instructions', () => {
  expect(read({ instructions: 'Be brief.' })).toEqual({
    request: {
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ],
    },
    stream: false,
    background: false,
    stored: true,
    keepsOn: false,
    metadata: null,
    echo: { instructions: 'Be brief.', input_from: 1 },
  });
});

test('kept, going on and in the background are three things', () => {
  const flags = (body: object) => {
    const { stream, background, stored, keepsOn } = read(body);
    return { stream, background, stored, keepsOn };
  };
  const none = { stream: false, background: false, stored: true, keepsOn: false };
  expect(flags({ store: true })).toEqual({ ...none, keepsOn: true });
  expect(flags({ store: false })).toEqual({ ...none, stored: false });
  expect(flags({ store: null, stream: true, background: true })).toEqual({
    ...none,
    stream: true,
    background: true,
  });
});

test.each<[string, object, object]>([
  ['max_output_tokens', { max_output_tokens: 5 }, { max_completion_tokens: 5 }],
  [
    'reasoning',
    { reasoning: { effort: 'low', summary: 'concise' } },
    { reasoning_effort: 'low', reasoning_summary: 'concise' },
  ],
  ['text.verbosity', { text: { verbosity: 'low' } }, { verbosity: 'low' }],
  ['plain text', { text: { format: { type: 'text' } } }, {}],
  ['JSON', { text: { format: { type: 'json_object' } } }, { response_format: { type: 'json_object' } }],
  [
    'a schema',
    {
      text: {
        format: {
          type: 'json_schema',
          name: 'x',
          description: null,
          schema: { type: 'object' },
          strict: true,
        },
      },
    },
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: { type: 'object' }, strict: true },
      },
    },
  ],
  [
    'functions',
    {
      tools: [
        { type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: null },
      ],
    },
    {
      tools: [
        { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } },
      ],
    },
  ],
  [
    'tools of a vendor',
    { tools: [{ type: 'web_search', filters: {} }] },
    { tools: [{ type: 'web_search', filters: {} }] },
  ],
  ['tool_choice in a word', { tool_choice: 'required' }, { tool_choice: 'required' }],
  [
    'tool_choice of a function',
    { tool_choice: { type: 'function', name: 'f' } },
    { tool_choice: { type: 'function', function: { name: 'f' } } },
  ],
  [
    'tool_choice of some',
    { tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] } },
    {
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
    },
  ],
  ['tool_choice of a vendor', { tool_choice: { type: 'mcp' } }, { tool_choice: { type: 'mcp' } }],
  ['logprobs by include', { include: ['message.output_text.logprobs'] }, { logprobs: true }],
  ['logprobs by number', { top_logprobs: 2 }, { logprobs: true, top_logprobs: 2 }],
  [
    'what is about tools of the provider',
    {
      tools: [{ type: 'web_search' }],
      max_tool_calls: 3,
      include: ['reasoning.encrypted_content', 'web_search_call.action.sources'],
    },
    { tools: [{ type: 'web_search' }], max_tool_calls: 3, include: ['web_search_call.action.sources'] },
  ],
  ['the same where there are none', { max_tool_calls: 3, include: ['web_search_call.action.sources'] }, {}],
  [
    'what only OpenAI knows',
    { reasoning: { mode: 'pro', context: null }, text: { shape: 'x' } },
    { reasoning: { mode: 'pro' }, text: { shape: 'x' } },
  ],
  [
    'what has the same name',
    {
      temperature: 0.5,
      top_p: 0.5,
      parallel_tool_calls: false,
      service_tier: 'flex',
      safety_identifier: 's',
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      user: 'u',
      mock_response: 'x',
      drop_params: true,
    },
    {
      temperature: 0.5,
      top_p: 0.5,
      parallel_tool_calls: false,
      service_tier: 'flex',
      safety_identifier: 's',
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      user: 'u',
      mock_response: 'x',
      drop_params: true,
    },
  ],
  [
    'what is the default',
    { truncation: 'disabled', conversation: null, prompt: null, temperature: null },
    {},
  ],
])('parameters: %s', (_, body, expected) => {
  const { model: __, messages: ___, ...request } = read(body).request;
  expect(request).toEqual(expected);
});

describe('items', () => {
  test('messages of every role and part', () => {
    const input = [
      { role: 'developer', content: 'rules' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'look', cache_control: { type: 'ephemeral' } },
          { type: 'input_image', image_url: 'https://x.example/a.png', detail: 'low' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,QQ==' },
          { type: 'input_file', file_url: 'https://x.example/a.pdf' },
          { type: 'input_file', file_id: 'file-1' },
          { type: 'input_audio', input_audio: { data: 'QQ==', format: 'wav' } },
        ],
      },
      { role: 'assistant', content: [{ type: 'output_text', text: 'seen', annotations: [] }] },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    ];
    expect(messages(...input)).toEqual([
      { role: 'developer', content: 'rules' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look', cache_control: { type: 'ephemeral' } },
          { type: 'image_url', image_url: { url: 'https://x.example/a.png', detail: 'low' } },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,QQ==', filename: 'a.pdf' } },
          { type: 'file', file: { file_id: 'https://x.example/a.pdf' } },
          { type: 'file', file: { file_id: 'file-1' } },
          { type: 'input_audio', input_audio: { data: 'QQ==', format: 'wav' } },
        ],
      },
      { role: 'assistant', content: 'seen' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    ]);
  });

  test('what the model did in one go is one message, and results follow it', () => {
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' };
    const input = [
      { role: 'user', content: 'go' },
      reasoning,
      {
        type: 'message',
        role: 'assistant',
        phase: 'commentary',
        content: [{ type: 'output_text', text: 'I look.' }],
      },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      {
        type: 'function_call',
        call_id: 'a',
        name: 'f',
        arguments: '{}',
        provider_specific_fields: { thought_signature: 's' },
      },
      { type: 'function_call', call_id: 'b', name: 'g', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: 'one' },
      {
        type: 'function_call_output',
        call_id: 'b',
        output: [{ type: 'input_image', image_url: 'data:image/png;base64,QQ==' }],
      },
    ];
    expect(messages(...input)).toEqual([
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [
          {
            id: 'a',
            type: 'function',
            function: { name: 'f', arguments: '{}' },
            provider_specific_fields: { thought_signature: 's' },
          },
          { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
        provider_specific_fields: {
          reasoning_items: [reasoning],
          output_items: [{ type: 'web_search_call', id: 'ws_1', status: 'completed' }],
          phase: 'commentary',
        },
      },
      { role: 'tool', tool_call_id: 'a', content: 'one' },
      {
        role: 'tool',
        tool_call_id: 'b',
        content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } }],
      },
    ]);
  });

  test('reasoning belongs to what it led to; what is sealed, to what it came with', () => {
    const thought = { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'hm' }] };
    const blocks = [{ type: 'thinking', thinking: 'x', signature: 's' }];
    const kept = Buffer.from(JSON.stringify({ thinking_blocks: blocks })).toString('base64url');
    const said = (content: string) => ({ role: 'assistant', content });
    const sealed = { type: 'reasoning', summary: [], encrypted_content: `sluice:${kept}` };
    expect(messages(said('a'), thought, said('b'), sealed)).toEqual([
      { role: 'assistant', content: 'a' },
      { role: 'assistant', content: 'b', reasoning_content: 'hm', thinking_blocks: blocks },
    ]);
    expect(messages({ role: 'user', content: 'q' }, thought)).toEqual([{ role: 'user', content: 'q' }]);
  });
});

test('what is said behind calls is gathered in one pass, however much it is', () => {
  const called = { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' };
  const said = Array.from({ length: 30_000 }, (_, index) => ({
    role: 'assistant',
    content: 'b',
    provider_specific_fields: { [`k${index}`]: index, ['__proto__']: 7 },
  }));
  const began = performance.now();
  const found = messages(called, ...said);
  expect(performance.now() - began).toBeLessThan(3000);
  const fields = { ...said.at(-1)?.provider_specific_fields, k0: 0 };
  expect(found).toMatchObject([{ provider_specific_fields: fields }]);
});
