import { type Fields, isFields, objectsIn, parseJson, textIn } from '../../core/json.ts';
import { refuse } from '../refuse.ts';

/** Before what Sluice puts into `encrypted_content`. Anything else there is a vendor's own. */
const SEAL = 'sluice:';

/** What providers want back with the next turn, and what of a message holds it. */
interface Kept {
  readonly thinking_blocks?: readonly unknown[];
  readonly reasoning_items?: readonly Fields[];
}

/**
 * What the providers of an answer want back, in the one field of a reasoning item that clients return untouched. What is
 * in there is encrypted or signed by the provider already; empty where there is nothing.
 */
export function seal(message: Fields, specific: Fields): string {
  const blocks = objectsIn(message.thinking_blocks);
  const items = objectsIn(specific.reasoning_items);
  if (blocks.length + items.length === 0) return '';
  const kept: Kept = {
    ...(blocks.length > 0 && { thinking_blocks: blocks }),
    ...(items.length > 0 && { reasoning_items: items }),
  };
  return SEAL + Buffer.from(JSON.stringify(kept)).toString('base64url');
}

/** What a reasoning item of the input brings back: the inverse of {@link seal}, or OpenAI's own item. */
export function unseal(item: Fields, place: string): { blocks: Fields[]; items: Fields[] } {
  const sealed = textIn(item.encrypted_content);
  if (sealed === '') return { blocks: [], items: [] };
  if (!sealed.startsWith(SEAL)) return { blocks: [], items: [item] };
  const kept = parseJson(Buffer.from(sealed.slice(SEAL.length), 'base64url').toString('utf8'));
  if (isFields(kept)) {
    return { blocks: objectsIn(kept.thinking_blocks), items: objectsIn(kept.reasoning_items) };
  }
  const param = `${place}.encrypted_content`;
  refuse(
    'invalid_value',
    `'${param}' is not what this server sent: return reasoning items unchanged.`,
    param,
  );
}

/** Whether a reasoning item is nothing but the seal: then it stands behind what it led to, not before. */
export function isSealAlone(item: Fields): boolean {
  const shown = objectsIn(item.summary).length + objectsIn(item.content).length;
  return shown === 0 && textIn(item.encrypted_content).startsWith(SEAL);
}
