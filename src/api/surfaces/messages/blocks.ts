import type { CompletionChoice, ThinkingBlock, ToolCall } from '../../../core/completion.ts';
import { type Fields, fieldsOf, objectsIn } from '../../../core/json.ts';
import { ownBlocks, sourcesOf, toolUse } from './block.ts';

/** A whole answer's content: the same blocks, in the same order, as `block-writer.ts` streams. */
export function contentBlocks({ message }: Pick<CompletionChoice, 'message'>): Fields[] {
  const { reasoning_content, thinking_blocks, content, annotations, refusal, tool_calls } = message;
  return [
    ...thoughts(reasoning_content ?? '', thinking_blocks ?? []),
    ...texts(content ?? '', objectsIn(annotations)),
    ...(refusal ? [{ type: 'text', text: refusal }] : []),
    ...(tool_calls ?? []).map(callBlock),
    ...ownBlocks(fieldsOf(message.provider_specific_fields)),
  ];
}

/** Blocks as the provider signed them, and what stands between them unsigned. */
function thoughts(reasoning: string, signed: readonly ThinkingBlock[]): Fields[] {
  const blocks: Fields[] = [];
  let rest = reasoning;
  for (const block of signed) {
    const at = block.type === 'thinking' ? rest.indexOf(block.thinking) : -1;
    if (block.type === 'thinking' && at !== -1) {
      if (at > 0) blocks.push(unsigned(rest.slice(0, at)));
      rest = rest.slice(at + block.thinking.length);
    }
    blocks.push({ ...block });
  }
  return rest === '' ? blocks : [...blocks, unsigned(rest)];
}

function unsigned(thinking: string): Fields {
  return { type: 'thinking', thinking, signature: '' };
}

/** The text, cut behind what has sources: those of a block stand at its end. */
function texts(content: string, annotations: readonly Fields[]): Fields[] {
  const byEnd = new Map<number, Fields[]>();
  for (const annotation of annotations) {
    const { end, citation } = sourcesOf(annotation) ?? {};
    if (end === undefined || citation === undefined) continue;
    byEnd.set(end, [...(byEnd.get(end) ?? []), citation]);
  }
  if (byEnd.size === 0) return content === '' ? [] : [{ type: 'text', text: content }];
  const characters = [...content];
  const blocks: Fields[] = [];
  let from = 0;
  for (const [end, citations] of [...byEnd].sort(([a], [b]) => a - b)) {
    blocks.push({ type: 'text', text: characters.slice(from, end).join(''), citations });
    from = end;
  }
  const last = characters.slice(from).join('');
  return last === '' ? blocks : [...blocks, { type: 'text', text: last }];
}

function callBlock({
  id,
  function: { name, arguments: text },
  provider_specific_fields: specific,
}: ToolCall): Fields {
  return { ...toolUse(id, name, specific), input: inputOf(text) };
}

/** What the model gave a tool; nothing, where that is no JSON, because the answer was cut off. */
function inputOf(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
