import type { Annotation, ThinkingBlock } from '../../../core/completion.ts';
import { type Fields, isFields, parseJson, textIn } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import type { Block } from './block.ts';
import { isThinking } from './thinking-blocks.ts';
import { ANSWER_TOOL } from './tools.ts';

/** A content block that has begun, and what has come of it. */
interface OpenBlock {
  readonly start: Fields;
  /** Thinking, or the JSON of a tool's input. */
  readonly parts: string[];
  readonly citations: Fields[];
  /** Where its text begins in the content, in characters. */
  readonly from: number;
  signature: string;
  /** What deltas add to a compaction. */
  added: Block;
}

/** Blocks that are told while they come; all others belong to Anthropic, and are kept for the next turn. */
const TOLD: ReadonlySet<unknown> = new Set(['text', 'thinking', 'redacted_thinking', 'tool_use']);

/** Reads the content blocks of one answer and tells what they hold. */
export class ContentReader {
  /** All but texts and calls of functions, in their order. */
  readonly #blocks: Fields[] = [];
  readonly #answer: Answer;
  readonly #open = new Map<unknown, OpenBlock>();
  /** Of the content so far, in characters. */
  #length = 0;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  /**
   * Blocks of Anthropic's own, in their order: calls of its tools, their results, compactions. Where the model
   * thought on behind one of them, with all thinking, which has to go back in its place.
   */
  get kept(): readonly Fields[] {
    const own = this.#blocks.filter((block) => !isThinking(block));
    const [first] = own;
    const isInterleaved = first && this.#blocks.findLastIndex(isThinking) > this.#blocks.indexOf(first);
    return isInterleaved ? this.#blocks : own;
  }

  begin(index: unknown, start: Fields): void {
    const block = this.#begin(index, start);
    const { type } = start;
    if (type === 'text') {
      this.#text(textIn(start.text));
      if (Array.isArray(start.citations)) block.citations.push(...start.citations.filter(isFields));
    } else if (type === 'thinking') {
      this.#think(block, textIn(start.thinking));
      block.signature = textIn(start.signature);
    } else if (type === 'redacted_thinking') {
      this.#thinkingBlock({ type, data: textIn(start.data) });
    } else if (type === 'tool_use' && start.name !== ANSWER_TOOL) {
      const indirect = isFields(start.caller) && start.caller.type !== 'direct';
      const specific = indirect && { specific: { caller: start.caller } };
      this.#answer.toolCall(0, { index, id: start.id, name: start.name, ...specific });
    }
  }

  add(index: unknown, delta: Fields): void {
    // Servers that only speak like Anthropic leave out the beginnings of texts.
    const block = this.#open.get(index) ?? this.#begin(index, { type: 'text' });
    const { type } = delta;
    if (type === 'text_delta') this.#text(textIn(delta.text));
    else if (type === 'thinking_delta') this.#think(block, textIn(delta.thinking));
    else if (type === 'signature_delta') block.signature = textIn(delta.signature);
    else if (type === 'input_json_delta') this.#input(index, block, textIn(delta.partial_json));
    else if (type === 'citations_delta' && isFields(delta.citation)) block.citations.push(delta.citation);
    else if (type === 'compaction_delta') addCompaction(block, delta);
  }

  end(index: unknown): void {
    const block = this.#open.get(index);
    if (!block) return;
    this.#open.delete(index);
    const { type, input } = block.start;
    if (type === 'thinking' && block.signature !== '') {
      const { signature } = block;
      this.#thinkingBlock({ type, thinking: block.parts.join(''), signature });
    } else if (type === 'tool_use' && block.parts.length === 0 && isFilled(input)) {
      // Whole messages have it here, streams do not.
      this.#input(index, block, JSON.stringify(input));
    } else if (!TOLD.has(type)) {
      this.#blocks.push(wholeOf(block));
    }
    for (const citation of block.citations) {
      this.#answer.annotation(0, annotationOf(citation, block.from, this.#length));
    }
  }

  /** Ends what a stream has left open. */
  close(): void {
    for (const index of [...this.#open.keys()]) this.end(index);
  }

  #begin(index: unknown, start: Fields): OpenBlock {
    const block = { start, parts: [], citations: [], from: this.#length, signature: '', added: {} };
    this.#open.set(index, block);
    return block;
  }

  #text(text: string): void {
    for (const _character of text) this.#length += 1;
    this.#answer.text(0, text);
  }

  #think(block: OpenBlock, text: string): void {
    if (text === '') return;
    block.parts.push(text);
    this.#answer.reasoning(0, text);
  }

  #thinkingBlock(block: ThinkingBlock): void {
    this.#answer.thinkingBlock(0, block);
    this.#blocks.push(block);
  }

  #input(index: unknown, block: OpenBlock, json: string): void {
    if (json === '') return;
    block.parts.push(json);
    if (block.start.type !== 'tool_use') return;
    if (block.start.name === ANSWER_TOOL) this.#text(json);
    else this.#answer.toolCall(0, { index, arguments: json });
  }
}

function addCompaction(block: OpenBlock, { content, encrypted_content }: Fields): void {
  if (typeof content === 'string') block.added.content = textIn(block.added.content) + content;
  if (typeof encrypted_content === 'string') block.added.encrypted_content = encrypted_content;
}

/** A block of Anthropic's own as it goes back: with the input that came in pieces. */
function wholeOf({ start, parts, added }: OpenBlock): Fields {
  if (parts.length === 0) return { ...start, ...added };
  const input = parseJson(parts.join(''));
  return input === undefined ? start : { ...start, input };
}

/**
 * A source on the web as OpenAI has it; others (pages and passages of documents, search results) stay what
 * they are.
 */
function annotationOf(citation: Fields, from: number, to: number): Annotation {
  const { type, url, title, cited_text, encrypted_index } = citation;
  if (typeof url === 'string') {
    const named = typeof title === 'string' && { title };
    const found = typeof encrypted_index === 'string' && { cited_text: textIn(cited_text), encrypted_index };
    return {
      type: 'url_citation',
      url_citation: { url, ...named, start_index: from, end_index: to, ...found },
    };
  }
  return { ...citation, type: textIn(type) || 'citation', start_index: from, end_index: to };
}

function isFilled(value: unknown): boolean {
  return isFields(value) && Object.keys(value).length > 0;
}
