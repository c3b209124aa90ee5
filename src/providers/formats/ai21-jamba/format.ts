import { onlyText } from '../../request/content.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { callsOf } from '../../request/turns.ts';
import { chatFormat } from '../openai-chat/format.ts';

/** The chat completions of AI21's Jamba models: OpenAI's of text, with fewer fields. Usage comes unasked. */
export const jambaChat = chatFormat({
  name: 'AI21 Jamba chat completions',
  unsupported: [
    'seed',
    'frequency_penalty',
    'presence_penalty',
    'logit_bias',
    'logprobs',
    'top_logprobs',
    'parallel_tool_calls',
    'reasoning_effort',
    'verbosity',
    'modalities',
    'audio',
    'prediction',
    'web_search_options',
    'service_tier',
  ],
  limits: [
    {
      field: 'response_format',
      refuses: (value) => !['text', 'json_object'].includes((value as { type: string }).type),
      why: 'no schema can be given, only json_object',
    },
  ],
  plain: true,
  hints: [],
  rename: { max_completion_tokens: 'max_tokens' },
  streamOptions: false,
  adjust: (body, request) => {
    body.messages = encodeMessages(request);
    encodeTools(body, request);
  },
});

function encodeMessages({ messages, refuse }: PreparedRequest): object[] {
  return messages.map((message, index) => {
    const place = `messages[${index}]`;
    const { role, tool_call_id } = message;
    const content = onlyText(message.content, place, refuse);
    if (role === 'tool') return { role, content, tool_call_id };
    if (role !== 'assistant') return { role: role === 'user' ? 'user' : 'system', content };
    const calls = callsOf(message, place).map(({ id, name, arguments: text }) => {
      return { id, type: 'function', function: { name, arguments: text } };
    });
    return { role, content, ...(calls.length > 0 && { tool_calls: calls }) };
  });
}

/** Jamba decides by itself whether to call: `none` is to have no tools. */
function encodeTools(body: Record<string, unknown>, { tools, toolChoice, refuse }: PreparedRequest): void {
  delete body.tool_choice;
  delete body.tools;
  if (tools.length === 0 || toolChoice === 'none') return;
  if (toolChoice !== null && toolChoice !== 'auto') {
    refuse('tool_choice', 'no call can be forced, only auto or none');
  }
  body.tools = tools.map(({ name, description, parameters }) => {
    return { type: 'function', function: { name, description, parameters } };
  });
}
