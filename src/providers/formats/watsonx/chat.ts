import type { RequestMessage } from '../../../core/completion.ts';
import { textOf } from '../../request/content.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { chatFormat } from '../openai-chat/format.ts';

/** watsonx's chat: `POST /ml/v1/text/chat_stream`. OpenAI's, but for the names of some fields. */
export const watsonxChat = chatFormat({
  name: 'watsonx chat',
  plain: true,
  hints: [],
  unsupported: [
    'parallel_tool_calls',
    'modalities',
    'audio',
    'prediction',
    'verbosity',
    'web_search_options',
    'service_tier',
  ],
  limits: [
    {
      field: 'reasoning_effort',
      refuses: (value) => !['low', 'medium', 'high'].includes(String(value)),
      why: 'reasoning_effort must be low, medium or high',
    },
  ],
  rename: { model: 'model_id', max_completion_tokens: 'max_tokens' },
  streamOptions: false,
  adjust,
});

function adjust(body: Record<string, unknown>, request: PreparedRequest): void {
  // A field of the client's by this name does not choose the model.
  body.model_id = request.model;
  // The address says it.
  delete body.stream;
  if (body.stop !== undefined) body.stop = request.stop;
  if (typeof body.tool_choice === 'string') {
    body.tool_choice_option = body.tool_choice;
    delete body.tool_choice;
  }
  body.messages = (body.messages as RequestMessage[]).map((message, index) => {
    if (message.role === 'user' || !Array.isArray(message.content)) return message;
    const others = message.content.filter(({ type }) => type !== 'text');
    if (others.length > 0) request.refuse(`messages[${index}].content`, 'only users may send more than text');
    return { ...message, content: textOf(message.content) };
  });
}
