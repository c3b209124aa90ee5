import type { RequestMessage } from '../../../core/completion.ts';
import type { CompletionContent } from '../../../core/job.ts';
import { type Fields, fieldsOf, objectsIn, textIn } from '../../../core/json.ts';
import { ItemIds } from '../ids.ts';
import { inputParts } from '../request/parts.ts';
import { seal } from '../sealed.ts';

/**
 * The input of one response as items, oldest first: what its request added to the conversation. Written from the canonical
 * messages, so the same items always, with ids that stay.
 */
export function inputItemsOf(
  jobId: string,
  { request, echo }: Pick<CompletionContent, 'request' | 'echo'>,
): Fields[] {
  const from = typeof echo?.input_from === 'number' ? echo.input_from : 0;
  const items = request.messages.slice(from).flatMap(itemsOf);
  return items.map((item, index) => {
    const prefix = PREFIXES[textIn(item.type)] ?? 'item';
    return { id: ItemIds.input(prefix, jobId, index), ...item };
  });
}

const PREFIXES: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
};

function itemsOf(message: RequestMessage): Fields[] {
  const { role, content, tool_call_id: id } = message;
  if (role === 'assistant') return assistantItems(message);
  if (role === 'tool') {
    const output = typeof content === 'string' ? content : inputParts(content);
    return [{ type: 'function_call_output', call_id: id ?? '', output, status: 'completed' }];
  }
  return [{ type: 'message', role, status: 'completed', content: inputParts(content) }];
}

function assistantItems(message: RequestMessage): Fields[] {
  const specific = fieldsOf(message.provider_specific_fields);
  const text = textIn(message.reasoning_content);
  const sealed = seal(message, specific);
  const thought = {
    type: 'reasoning',
    summary: [],
    ...(text !== '' && { content: [{ type: 'reasoning_text', text }] }),
    ...(sealed !== '' && { encrypted_content: sealed }),
  };
  const said = outputParts(message.content);
  const calls = (message.tool_calls ?? []).map((call) => ({
    type: 'function_call',
    status: 'completed',
    call_id: call.id,
    name: call.function?.name ?? '',
    arguments: call.function?.arguments ?? '',
  }));
  return [
    ...(text !== '' || sealed !== '' ? [thought] : []),
    ...(said.length > 0 ? [{ type: 'message', role: 'assistant', status: 'completed', content: said }] : []),
    ...calls,
    ...objectsIn(specific.output_items),
  ];
}

function outputParts(content: RequestMessage['content']): Fields[] {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
  return parts.map((part) => {
    const { type, text } = fieldsOf(part);
    return type === 'text' ? { type: 'output_text', text, annotations: [] } : part;
  });
}
