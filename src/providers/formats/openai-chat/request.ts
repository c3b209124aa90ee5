import { HINT_FIELDS } from '../../request/fields.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import type { ChatDialect } from './dialect.ts';
import { encodeMessages } from './messages.ts';

type Body = Record<string, unknown>;

/** The request as the client wrote it, streamed, with usage, and in the vendor's dialect. */
export function encode(request: PreparedRequest, dialect: ChatDialect): object {
  const body: Body = { ...request.body, model: request.model, stream: true };
  delete body.mock_response;
  delete body.drop_params;
  delete body.reasoning_summary;
  if (body.store !== true) {
    // Storing is Sluice's own business unless it was asked for, and OpenAI takes no metadata without it.
    delete body.store;
    delete body.metadata;
  }
  // Hardly any of those who have it know this word for leaving it alone.
  if (body.reasoning_effort === 'default') delete body.reasoning_effort;
  if (dialect.plain) modernizeWords(body, request);
  withoutCustomTools(body, request);
  body.messages = encodeMessages(body.messages, dialect);
  if (dialect.streamOptions === false) delete body.stream_options;
  else body.stream_options = { ...request.fields.stream_options, include_usage: true };
  for (const hint of HINT_FIELDS) {
    if (dialect.hints && !dialect.hints.includes(hint)) delete body[hint];
  }
  keepLimits(body, request, dialect);
  for (const [ours, theirs] of Object.entries(dialect.rename ?? {})) {
    if (body[ours] === undefined) continue;
    body[theirs] ??= body[ours];
    delete body[ours];
  }
  dialect.adjust?.(body, request);
  return body;
}

function keepLimits(body: Body, request: PreparedRequest, { limits = [] }: ChatDialect): void {
  for (const { field, models, refuses, why } of limits) {
    const value = body[field];
    if (value === undefined || (models && !models.test(request.model))) continue;
    if (refuses && !refuses(value)) continue;
    request.refuse(field, why);
    delete body[field];
  }
}

/** Calls of custom tools are plain text, for which an answer has no place beside functions. */
function withoutCustomTools(body: Body, { fields, refuse }: PreparedRequest): void {
  const { tools = [], tool_choice: choice } = fields;
  const kept = tools?.filter(({ type }, index) => {
    if (type === 'custom') refuse(`tools[${index}].type`, "tools of type 'custom' are not supported");
    return type !== 'custom';
  });
  if (!kept || kept.length === tools?.length) return;
  body.tools = kept;
  if (kept.length === 0) delete body.tools;
  const forced = typeof choice === 'object' && choice?.type === 'custom';
  if (kept.length === 0 || forced) delete body.tool_choice;
}

/** Says what OpenAI has several ways of saying in the one that its imitators know. */
function modernizeWords(body: Body, request: PreparedRequest): void {
  body.messages = request.messages;
  const { functions, function_call, tool_choice } = body;
  const allowed = typeof tool_choice === 'object' && (tool_choice as Body).type === 'allowed_tools';
  if (functions === undefined && function_call === undefined && !allowed) return;
  delete body.functions;
  delete body.function_call;
  const { tools, toolChoice } = request;
  delete body.tools;
  delete body.tool_choice;
  if (tools.length === 0) return;
  body.tools = tools.map(({ cache_control, ...definition }) => ({
    type: 'function',
    function: definition,
    ...(cache_control !== undefined && { cache_control }),
  }));
  if (typeof toolChoice === 'string') body.tool_choice = toolChoice;
  else if (toolChoice !== null) body.tool_choice = { type: 'function', function: toolChoice };
}
