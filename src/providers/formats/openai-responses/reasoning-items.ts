import { type Fields, objectsIn } from '../../../core/json.ts';

/**
 * The reasoning of an answer as it goes back in the next turn: encrypted, and only what led to a message or to the
 * call of a function. OpenAI refuses reasoning without the item behind it, and those of its own tools stay behind.
 */
export function reasoningToKeep(output: readonly Fields[]): Fields[] {
  const kept: Fields[] = [];
  let pending: Fields[] = [];
  for (const item of output) {
    if (item.type === 'reasoning') {
      pending.push(item);
      continue;
    }
    if (item.type === 'message' || item.type === 'function_call') kept.push(...pending);
    pending = [];
  }
  return reasoningToReplay(kept);
}

/** Reasoning items as a request may have them; without its encrypted form, OpenAI looks for what it has not stored. */
export function reasoningToReplay(items: unknown): Fields[] {
  return objectsIn(items).flatMap(({ type, id, summary, content, encrypted_content }) => {
    if (type !== 'reasoning' || typeof encrypted_content !== 'string' || encrypted_content === '') return [];
    return {
      type,
      ...(typeof id === 'string' && { id }),
      summary: objectsIn(summary),
      ...(Array.isArray(content) && content.length > 0 && { content }),
      encrypted_content,
    };
  });
}
