import type { RequestField } from '../../request/fields.ts';
import type { Format } from '../format.ts';
import { bedrockModel } from './model.ts';
import { ConverseReader } from './reader.ts';
import { encodeRequest } from './request.ts';
import { isOwnTool } from './tools.ts';

const SUPPORTED: ReadonlySet<RequestField> = new Set([
  'temperature',
  'top_p',
  'max_tokens',
  'stop',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'service_tier',
]);

/** Bedrock's Converse: one form for all models. */
export const bedrockConverse: Format = {
  name: 'Bedrock Converse',
  supports: SUPPORTED,
  media: 'bytes',
  ownTools: isOwnTool,
  anthropic: (model) => ({
    fields: bedrockModel(model).family === 'claude' ? 'all' : [],
    marks: ['cache_control', 'is_error'],
    resultMedia: true,
  }),
  encode: encodeRequest,
  read: (answer) => new ConverseReader(answer),
};
