import { fieldsOf } from '../../../core/json.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { BEDROCK_FIELDS, modelFields } from './additional.ts';
import type { Block } from './media.ts';
import { encodeMessages } from './messages.ts';
import { bedrockModel } from './model.ts';
import { toolingOf } from './tools.ts';

/** A request in Bedrock's form. The model is in the address. */
export function encodeRequest(request: PreparedRequest): Block {
  const model = bedrockModel(request.model);
  const tooling = toolingOf(request, model);
  const { inferenceConfig, additional } = modelFields(request, model, tooling.forced);
  const { system, messages } = encodeMessages(request, model, tooling.config !== null);
  const fields = { ...tooling.additional, ...additional };
  const own = Object.entries(request.extras).filter(([name]) => BEDROCK_FIELDS.includes(name));
  return {
    messages,
    ...(system.length > 0 && { system }),
    ...filled('inferenceConfig', inferenceConfig),
    ...(tooling.config && { toolConfig: tooling.config }),
    ...(tooling.schema && { outputConfig: { textFormat: textFormat(request, tooling.schema) } }),
    ...filled('additionalModelRequestFields', fields),
    ...serviceTier(request),
    ...Object.fromEntries(own),
  };
}

function filled(name: string, fields: Block): Block {
  return Object.keys(fields).length > 0 ? { [name]: fields } : {};
}

function textFormat({ fields }: PreparedRequest, schema: object): Block {
  const { name, description } = fieldsOf(fields.response_format?.json_schema);
  const jsonSchema = {
    schema: JSON.stringify(schema),
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
  };
  return { type: 'json_schema', structure: { jsonSchema } };
}

/** OpenAI's `auto` is to let the project's settings decide, for which Bedrock has no word. */
function serviceTier({ body, refuse }: PreparedRequest): Block {
  const tier = body.service_tier;
  if (tier === undefined || tier === 'auto') return {};
  if (tier === 'default' || tier === 'priority' || tier === 'flex' || tier === 'reserved') {
    return { serviceTier: { type: tier } };
  }
  refuse('service_tier', "it must be 'auto', 'default', 'priority', 'flex' or 'reserved'");
  return {};
}
