import { expect, test } from 'vitest';
import { responsesSurface } from '../../src/surfaces/responses/surface.ts';
import { validate } from '../../src/surfaces/validate.ts';

/** As Sluice seals, with something in it that no answer has. */
const sealed = (block: string): string =>
  `sluice:${Buffer.from(`{"thinking_blocks":[{"a":${block}}]}`).toString('base64url')}`;

/** What a body becomes, read as the API reads it. */
const read = (body: object) => {
  const checked = validate(responsesSurface.schema, { model: 'm', input: 'hi', ...body });
  return responsesSurface.parse(checked, null);
};

test.each<[object, string, string]>([
  [{ inputt: 'x' }, 'unknown_parameter', 'inputt'],
  [{ messages: [] }, 'unknown_parameter', 'messages'],
  [{ conversation: 'conv_1' }, 'unsupported_parameter', 'conversation'],
  [{ prompt: { id: 'pmpt_1' } }, 'unsupported_parameter', 'prompt'],
  [{ context_management: [] }, 'unsupported_parameter', 'context_management'],
  [{ moderation: {} }, 'unsupported_parameter', 'moderation'],
  [{ include: ['x'] }, 'invalid_value', 'include[0]'],
  [{ truncation: 'auto' }, 'unsupported_value', 'truncation'],
  [{ input: null }, 'missing_required_parameter', 'input'],
  [{ input: [], instructions: 'x' }, 'missing_required_parameter', 'input'],
  [{ input: 3 }, 'invalid_type', 'input'],
  [{ input: [{ content: 'x' }] }, 'missing_required_parameter', 'input[0].type'],
  [{ input: [{ role: 'tool', content: 'x' }] }, 'invalid_value', 'input[0].role'],
  [{ input: [{ role: 'user', content: 'x', name: 'Ada' }] }, 'unknown_parameter', 'input[0].name'],
  [
    { input: [{ role: 'user', content: [{ type: 'input_text', text: 'x', bold: true }] }] },
    'unknown_parameter',
    'input[0].content[0].bold',
  ],
  [
    { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://x', detail: 'low' }] }] },
    'unknown_parameter',
    'input[0].content[0].detail',
  ],
  [
    { input: [{ type: 'function_call_output', call_id: 'c', output: 'x', namespace: 'n' }] },
    'unknown_parameter',
    'input[0].namespace',
  ],
  [{ stream_options: { include_usage: true } }, 'unknown_parameter', 'stream_options.include_usage'],
  [{ input: [{ role: 'user' }] }, 'missing_required_parameter', 'input[0].content'],
  [{ input: [{ role: 'user', content: [{}] }] }, 'missing_required_parameter', 'input[0].content[0].type'],
  [
    { input: [{ role: 'user', content: [{ type: 'toString', text: 'x' }] }] },
    'unsupported_value',
    'input[0].content[0].type',
  ],
  [
    { input: [{ role: 'user', content: [{ type: 'video' }] }] },
    'unsupported_value',
    'input[0].content[0].type',
  ],
  [
    { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file-1' }] }] },
    'unsupported_value',
    'input[0].content[0].file_id',
  ],
  [
    { input: [{ role: 'user', content: [{ type: 'input_file' }] }] },
    'missing_required_parameter',
    'input[0].content[0].file_data',
  ],
  [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'invalid_value', 'input[0].id'],
  [{ input: [{ type: 'item_reference' }] }, 'missing_required_parameter', 'input[0].id'],
  [{ input: [{ id: `msg_${'0'.repeat(32)}_1` }] }, 'invalid_value', 'input[0].id'],
  [{ input: [{ type: 'computer_call_output' }] }, 'unsupported_value', 'input[0].type'],
  [
    { input: [{ type: 'function_call', name: 'f', arguments: '{}' }] },
    'missing_required_parameter',
    'input[0].call_id',
  ],
  [{ input: [{ type: 'function_call_output', call_id: 3 }] }, 'invalid_type', 'input[0].call_id'],
  [
    { input: [{ type: 'reasoning', summary: [], encrypted_content: 'sluice:e30x' }] },
    'invalid_value',
    'input[0].encrypted_content',
  ],
  [
    {
      input: [
        {
          type: 'reasoning',
          summary: [],
          encrypted_content: sealed(`${'['.repeat(5000)}${']'.repeat(5000)}`),
        },
      ],
    },
    'invalid_value',
    'input[0].encrypted_content',
  ],
  [{ tools: [{ type: 'function' }] }, 'missing_required_parameter', 'tools[0].name'],
  [{ tool_choice: { type: 'function' } }, 'missing_required_parameter', 'tool_choice.name'],
  [{ text: { format: { type: 'json_schema' } } }, 'missing_required_parameter', 'text.format.name'],
  [{ text: { format: { type: 'xml' } } }, 'invalid_value', 'text.format.type'],
  [{ reasoning: { summary: 'long' } }, 'invalid_value', 'reasoning.summary'],
  [{ top_logprobs: 21 }, 'integer_above_max_value', 'top_logprobs'],
  [{ max_output_tokens: 0 }, 'integer_below_min_value', 'max_output_tokens'],
])('%j is refused: %s of %s', (body, code, param) => {
  expect(() => read(body)).toThrowError(expect.objectContaining({ code, param }));
});

test('a parameter that is misspelt is told the right name', () => {
  expect(() => read({ max_output_token: 5 })).toThrowError(
    "Unknown parameter: 'max_output_token'. Did you mean 'max_output_tokens'?",
  );
});
