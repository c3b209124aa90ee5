import type { Completion } from '../../core/completion.ts';
import type { Fields } from '../../core/json.ts';
import { unfold } from '../../core/unfold.ts';
import { ownBlocks } from './block.ts';
import { type BlockSink, ContentBlocks } from './content-blocks.ts';
import { parseUnfinished } from './unfinished-json.ts';

interface Built {
  readonly start: Fields;
  /** Text, thinking, or the JSON of an input. */
  added: string;
  signature: string | null;
  readonly citations: Fields[];
}

/** Content blocks as a whole message lists them. */
class BlockList implements BlockSink {
  readonly #built: Built[] = [];

  get blocks(): Fields[] {
    return this.#built.map(wholeOf);
  }

  start(_index: number, start: Fields): void {
    this.#built.push({ start, added: '', signature: null, citations: [] });
  }

  text(index: number, text: string): void {
    const block = this.#built[index];
    if (block) block.added += text;
  }

  thinking(index: number, text: string): void {
    this.text(index, text);
  }

  input(index: number, json: string): void {
    this.text(index, json);
  }

  signature(index: number, signature: string): void {
    const block = this.#built[index];
    if (block) block.signature = signature;
  }

  citation(index: number, citation: Fields): void {
    this.#built[index]?.citations.push(citation);
  }

  stop(): void {}
}

/** The content of a whole answer: what a stream of it would have come to. */
export function contentBlocks(completion: Completion): Fields[] {
  const list = new BlockList();
  const content = new ContentBlocks(list);
  for (const delta of unfold(completion)) {
    if (delta.type === 'usage' || delta.choice !== 0) continue;
    content.add(delta);
    if (delta.type === 'provider_specific') for (const own of ownBlocks(delta.fields)) content.addWhole(own);
  }
  return list.blocks;
}

function wholeOf({ start, added, signature, citations }: Built): Fields {
  switch (start.type) {
    case 'text':
      return { ...start, text: added, ...(citations.length > 0 && { citations }) };
    case 'thinking':
      return { ...start, thinking: added, ...(signature !== null && { signature }) };
    case 'tool_use':
      return { ...start, input: parseUnfinished(added) };
    default:
      return start;
  }
}
