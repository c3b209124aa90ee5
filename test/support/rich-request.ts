import type { CompletionRequest } from '../../src/core/completion.ts';

/** A dot. */
const PNG =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { city: { type: 'string', description: 'A city.' }, days: { type: 'integer', minimum: 1 } },
  required: ['city'],
  additionalProperties: false,
};

const MESSAGES: CompletionRequest['messages'] = [
  { role: 'system', content: 'You are a guide.' },
  { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What is this, and how is the weather there?' },
      { type: 'image_url', image_url: { url: PNG, detail: 'low' } },
    ],
  },
  {
    role: 'assistant',
    content: 'Let me look.',
    reasoning_content: 'Two cities.',
    thinking_blocks: [
      { type: 'thinking', thinking: 'Two cities.', signature: 'c2lnbmVk' },
      { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' },
    ],
    tool_calls: [
      {
        id: 'call_1',
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
        provider_specific_fields: { thought_signature: 'dGhvdWdodA==' },
      },
      { id: 'call_2', type: 'function', function: { name: 'get_time', arguments: '' } },
    ],
  },
  { role: 'tool', tool_call_id: 'call_1', content: '{"sky":"clear"}' },
  { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'noon' }] },
  { role: 'user', content: 'Thanks. And tomorrow?' },
];

/** Fields that a request may have besides its messages, each with a value that asks for something. */
export const RICH_FIELDS: Partial<CompletionRequest> = {
  temperature: 0.7,
  top_p: 0.9,
  max_completion_tokens: 4096,
  stop: ['END', 'STOP'],
  n: 2,
  seed: 7,
  frequency_penalty: 0.5,
  presence_penalty: -0.5,
  logit_bias: { 50256: -100 },
  logprobs: true,
  top_logprobs: 2,
  tools: [
    {
      type: 'function',
      function: { name: 'get_weather', description: 'The weather.', parameters: SCHEMA, strict: true },
    },
    { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: {} } } },
  ],
  tool_choice: { type: 'function', function: { name: 'get_weather' } },
  parallel_tool_calls: false,
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'forecast', strict: true, schema: SCHEMA },
  },
  reasoning_effort: 'high',
  user: 'user-1',
};

/** A request that uses nearly all that there is, and one field that OpenAI does not have. */
export function richRequest(fields: Partial<CompletionRequest> = RICH_FIELDS): CompletionRequest {
  return { model: 'any', messages: MESSAGES, ...fields, top_k: 40 };
}
