import { type Fields, fieldsOf } from '../../../core/json.ts';
import { HINT_FIELDS } from '../../request/fields.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { readResponseFormat } from '../../request/response-format.ts';
import { encodeInput } from './input.ts';
import { encodeTools } from './tools.ts';

/** Fields that have the same name and meaning in both of OpenAI's APIs. */
const SAME = ['temperature', 'top_p', 'parallel_tool_calls', 'service_tier'] as const;

/** `reasons`: whether the model may reason, so that its reasoning has to come back encrypted. */
export function encode(request: PreparedRequest, reasons: boolean): object {
  const { fields, extras, maxTokens } = request;
  const { reasoning, text, include, ...others } = extras;
  const merged = {
    reasoning: { ...reasoningOf(request), ...fieldsOf(reasoning) },
    text: { ...textConfig(request), ...fieldsOf(text) },
    include: [...new Set([...included(request, reasons), ...(Array.isArray(include) ? include : [])])],
  };
  return {
    ...others,
    model: request.model,
    ...encodeInput(request),
    stream: true,
    ...streamOptions(request),
    ...pick(fields, SAME),
    ...(maxTokens !== null && { max_output_tokens: maxTokens }),
    ...logprobs(request),
    ...encodeTools(request),
    ...Object.fromEntries(Object.entries(merged).filter(([, value]) => Object.keys(value).length > 0)),
    ...hints(request),
  };
}

/** A summary is all that OpenAI shows of its reasoning, and only where it is asked for. */
function reasoningOf({ body, fields: { reasoning_effort: effort } }: PreparedRequest): Fields {
  // Sluice's own field, from requests in this format: how long the summary shall be.
  const { reasoning_summary: summary } = body;
  if (effort == null || effort === 'default') return summary === undefined ? {} : { summary };
  return effort === 'none' ? { effort } : { effort, summary: summary ?? 'auto' };
}

function textConfig(request: PreparedRequest): Fields {
  const { response_format: asked, verbosity } = request.fields;
  const shape = readResponseFormat(request);
  const { name, description, strict } = fieldsOf(asked?.json_schema);
  return {
    ...(shape?.type === 'object' && { format: { type: 'json_object' } }),
    ...(shape?.type === 'schema' && {
      format: {
        type: 'json_schema',
        name: typeof name === 'string' ? name : 'answer',
        ...(typeof description === 'string' && { description }),
        schema: shape.schema,
        ...(typeof strict === 'boolean' && { strict }),
      },
    }),
    ...(verbosity !== undefined && { verbosity }),
  };
}

function wantsLogprobs({ fields }: PreparedRequest): boolean {
  return fields.logprobs === true || (fields.top_logprobs ?? 0) > 0;
}

function included(request: PreparedRequest, reasons: boolean): string[] {
  return [
    ...(reasons ? ['reasoning.encrypted_content'] : []),
    ...(wantsLogprobs(request) ? ['message.output_text.logprobs'] : []),
  ];
}

function logprobs(request: PreparedRequest): Fields {
  const { top_logprobs: count } = request.fields;
  return wantsLogprobs(request) && count != null ? { top_logprobs: count } : {};
}

/** Usage comes without being asked for. */
function streamOptions({ fields }: PreparedRequest): Fields {
  const { include_usage: _, ...others } = fields.stream_options ?? {};
  return Object.keys(others).length > 0 ? { stream_options: others } : {};
}

/** Responses are stored, and shown on OpenAI's dashboard with their metadata, unless the request forbids it. */
function hints({ body }: PreparedRequest): Fields {
  if (body.store === true) return pick(body, HINT_FIELDS);
  const { metadata: _, ...others } = pick(body, HINT_FIELDS);
  return { ...others, store: false };
}

function pick(fields: Fields, names: readonly string[]): Record<string, unknown> {
  const set = names.filter((name) => fields[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, fields[name]]));
}
