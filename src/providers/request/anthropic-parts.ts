import type { MessagePart, RequestMessage } from '../../core/completion.ts';
import type { Fields } from '../../core/json.ts';
import type { Refuse } from './tools.ts';

/** What Anthropic's clients mark: where what is to be cached ends, and which results of tools are failures. */
export type Mark = 'cache_control' | 'is_error';

/** All of them. */
export const MARKS: readonly Mark[] = ['cache_control', 'is_error'];

/** Parts that Anthropic's surface leaves as they are, because OpenAI has none that say as much. */
const OWN_PARTS: ReadonlySet<string> = new Set([
  'image',
  'document',
  'search_result',
  'container_upload',
  'tool_reference',
]);

/** A message without parts that only Anthropic has, which are refused by name, and without these marks. */
export function plainMessage(
  message: RequestMessage,
  place: string,
  marks: readonly Mark[],
  refuse: Refuse,
): RequestMessage {
  const { content, tool_calls: calls } = message;
  return {
    ...without(message, marks),
    ...(Array.isArray(content) && { content: plainParts(content, place, marks, refuse) }),
    ...(calls && { tool_calls: calls.map((call) => without(call, marks)) }),
  };
}

function plainParts(
  parts: readonly MessagePart[],
  place: string,
  marks: readonly Mark[],
  refuse: Refuse,
): MessagePart[] {
  return parts.flatMap((part, index) => {
    if (!OWN_PARTS.has(part.type)) return [without(part, marks)];
    refuse(`${place}.content[${index}].type`, `parts of type '${part.type}' are Anthropic's own`);
    return [];
  });
}

/** The same without these marks. */
export function without<Marked extends Fields>(marked: Marked, marks: readonly Mark[]): Marked {
  if (!marks.some((mark) => marked[mark] !== undefined)) return marked;
  return { ...marked, ...Object.fromEntries(marks.map((mark) => [mark, undefined])) };
}
