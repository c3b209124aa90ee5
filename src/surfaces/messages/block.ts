import { type Fields, fieldsOf, objectsIn, textIn } from '../../core/json.ts';

/** A call of a tool whose input is still to come. What only its provider knows of it stands beside, to come back with it. */
export function toolUse(id: string, name: string, specific: Fields | undefined): Fields {
  const { caller = { type: 'direct' }, ...others } = specific ?? {};
  return {
    type: 'tool_use',
    id,
    name,
    input: {},
    caller,
    ...(Object.keys(others).length > 0 && { provider_specific_fields: others }),
  };
}

/** Blocks of Anthropic's own: calls of its tools, their results, compactions. Thinking among them has been told before. */
export function ownBlocks({ content_blocks }: Fields): Fields[] {
  return objectsIn(content_blocks).filter((block) => !isThinking(block));
}

/** Whether a block is of the model's thoughts, told or withheld. */
export function isThinking({ type }: Fields): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

/** The kinds of sources that Anthropic has beside those on the web. */
const CITATIONS: ReadonlySet<string> = new Set([
  'char_location',
  'page_location',
  'content_block_location',
  'search_result_location',
]);

/** An annotation as Anthropic's citation; null where it is none. */
export function citationOf(annotation: Fields): Fields | null {
  if (annotation.type === 'url_citation') return webCitation(fieldsOf(annotation.url_citation));
  const { start_index: _, end_index: __, ...citation } = annotation;
  return CITATIONS.has(textIn(citation.type)) ? citation : null;
}

/** Of Anthropic's own search only: its clients need to have where that found it. */
function webCitation({ url, title = null, cited_text, encrypted_index }: Fields): Fields | null {
  if (encrypted_index === undefined) return null;
  return { type: 'web_search_result_location', url, title, cited_text, encrypted_index };
}
