import type { Completion, CompletionRequest, RequestMessage } from '../../../core/completion.ts';
import type { CompletionContent } from '../../../core/job.ts';
import { type Fields, pickFrom, presentIn, textIn } from '../../../core/json.ts';
import { refuse, refuseMissing } from '../../refuse.ts';
import type { SurfaceRequest } from '../../surface.ts';
import { echoOf } from '../echo.ts';
import type { ResponseRequest } from '../schema.ts';
import { conversationOf } from './conversation.ts';
import { messagesOf } from './input.ts';
import { responseFormatOf, toolChoiceOf, toolsOf } from './tools.ts';

/**
 * A response's request in canonical terms, behind the conversation that it goes on from. `named`: the answers of which it
 * names items, by their jobs.
 */
export function parse(
  body: ResponseRequest,
  previous: CompletionContent | null,
  named: ReadonlyMap<string, Completion> = new Map(),
): SurfaceRequest {
  refuseImpossible(body);
  const instructions = textIn(body.instructions);
  const earlier = previous === null ? [] : conversationOf(previous);
  const led: RequestMessage[] = instructions === '' ? [] : [{ role: 'system', content: instructions }];
  const before = [...led, ...earlier];
  const messages = [...before, ...messagesOf(body.input ?? [], named)];
  if (messages.length === led.length) refuseMissing('input');
  return {
    request: { model: body.model, messages, ...translated(body) },
    stream: body.stream === true,
    background: body.background === true,
    stored: body.store !== false,
    // By default a response is kept, but its going on without its client must be asked for.
    keepsOn: body.store === true,
    metadata: body.metadata ?? null,
    echo: echoOf(body, before.length),
  };
}

const WHY_NOT: Readonly<Record<string, string>> = {
  conversation: 'go on from an earlier response with previous_response_id',
  prompt: 'send the text of the prompt as instructions and input',
  context_management: 'conversations are sent whole',
  prompt_cache_options: 'prompt_cache_key and prompt_cache_retention are what can be said of caching',
  access_programs: 'they are between you and OpenAI',
  moderation: 'every provider moderates as it does',
  image: 'use the tool image_generation of a deployment that speaks responses',
};

function refuseImpossible(body: ResponseRequest): void {
  for (const [param, advice] of Object.entries(WHY_NOT)) {
    if ((body as Fields)[param] == null) continue;
    refuse('unsupported_parameter', `Unsupported parameter: '${param}'; ${advice}.`, param);
  }
  if (body.truncation === 'auto' && body.drop_params !== true) {
    const why = "Conversations are sent whole: 'truncation' must be 'disabled', or drop_params set.";
    refuse('unsupported_value', why, 'truncation');
  }
}

/** Parameters that have the same name and meaning in both of OpenAI's APIs, or that are no business of Sluice's. */
const SAME = [
  'parallel_tool_calls',
  'temperature',
  'top_p',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'user',
  'mock_response',
  'drop_params',
] as const satisfies readonly (keyof ResponseRequest)[];

const LOGPROBS = 'message.output_text.logprobs';
/** Answers have these anyway. */
const ALWAYS: ReadonlySet<string> = new Set([
  LOGPROBS,
  'reasoning.encrypted_content',
  'message.input_image.image_url',
]);

function translated(body: ResponseRequest): Partial<CompletionRequest> {
  const format = responseFormatOf(body.text);
  const { effort, summary: asked, generate_summary: former, ...reasoning } = body.reasoning ?? {};
  const summary = asked ?? former;
  const { format: _, verbosity, ...text } = body.text ?? {};
  const wantsLogprobs = body.include?.includes(LOGPROBS) || (body.top_logprobs ?? 0) > 0;
  return {
    ...pickFrom(body, SAME),
    ...(body.tools && body.tools.length > 0 && { tools: toolsOf(body.tools) }),
    ...(body.tool_choice != null && { tool_choice: toolChoiceOf(body.tool_choice) }),
    ...(body.max_output_tokens != null && { max_completion_tokens: body.max_output_tokens }),
    ...(effort != null && { reasoning_effort: effort }),
    ...(summary != null && { reasoning_summary: summary }),
    ...(format !== null && { response_format: format }),
    ...(verbosity != null && { verbosity }),
    ...(wantsLogprobs && { logprobs: true }),
    ...(body.top_logprobs != null && wantsLogprobs && { top_logprobs: body.top_logprobs }),
    // OpenAI's own, which its responses understand and others refuse.
    ...rest('reasoning', reasoning),
    ...rest('text', text),
    ...ofHostedTools(body),
  };
}

/** What is set of a parameter, beside what has a place of its own; nothing where that is all. */
function rest(name: string, fields: Fields): Fields {
  const set = presentIn(fields);
  return Object.keys(set).length > 0 ? { [name]: set } : {};
}

/** What is about tools that the provider runs itself, and says nothing where there are none. */
function ofHostedTools({ tools, include, max_tool_calls }: ResponseRequest): Fields {
  if (!tools?.some(({ type }) => type !== 'function' && type !== 'custom')) return {};
  const asked = (include ?? []).filter((value) => !ALWAYS.has(value));
  return {
    ...(max_tool_calls != null && { max_tool_calls }),
    ...(asked.length > 0 && { include: asked }),
  };
}
