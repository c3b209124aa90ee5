import { type Fields, objectsIn, textIn } from '../../../core/json.ts';

/** A call of a tool whose input is still to come. What only its provider knows of it stands beside, to come back with it. */
export function toolUse(id: string, name: string, specific: Fields | undefined): Fields {
  const { caller, ...others } = specific ?? {};
  return {
    type: 'tool_use',
    id,
    name,
    input: {},
    ...(caller !== undefined && { caller }),
    ...(Object.keys(others).length > 0 && { provider_specific_fields: others }),
  };
}

/** Blocks of Anthropic's own: calls of its tools, their results, compactions. Thinking among them has been told before. */
export function ownBlocks({ content_blocks }: Fields): Fields[] {
  return objectsIn(content_blocks).filter((block) => !isThinking(block));
}

export function isThinking({ type }: Fields): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

/** The kinds of sources that Anthropic has beside those on the web, whose citations need more than an address. */
const CITATIONS: ReadonlySet<string> = new Set([
  'char_location',
  'page_location',
  'content_block_location',
  'search_result_location',
]);

/** An annotation as Anthropic's citation; null where it is none. */
export function citationOf(annotation: Fields): Fields | null {
  const { start_index: _, end_index: __, ...citation } = annotation;
  return CITATIONS.has(textIn(citation.type)) ? citation : null;
}
