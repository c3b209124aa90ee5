import type { Annotation } from '../../../core/completion.ts';
import { type Fields, fieldsOf, objectsIn, textIn } from '../../../core/json.ts';
import type { Answer } from '../../answer/answer.ts';
import { ANSWER_TOOL } from '../anthropic/tools.ts';
import { redactedBlock } from './reasoning.ts';

/** A content block that has begun, and what has come of it. */
interface OpenBlock {
  /**
   * `client`: a call of a function; `answer`: of the tool that stands for a schema; `own`: of Amazon's tools.
   */
  readonly call: 'client' | 'answer' | 'own' | null;
  readonly thinking: string[];
  readonly citations: Fields[];
  /** Where its text begins in the content, in characters. */
  readonly from: number;
  signature: string;
}

/**
 * Reads the content blocks of one answer and tells what they hold. Only calls of tools say that they begin.
 */
export class ContentReader {
  readonly #answer: Answer;
  readonly #open = new Map<unknown, OpenBlock>();
  /** Of the content so far, in characters. */
  #length = 0;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  begin(index: unknown, start: Fields): void {
    const { toolUseId: id, name, type } = fieldsOf(start.toolUse);
    if (typeof name !== 'string') return;
    const call = type === 'server_tool_use' ? 'own' : name === ANSWER_TOOL ? 'answer' : 'client';
    this.#begin(index, call);
    if (call === 'client') this.#answer.toolCall(0, { index, id, name });
  }

  add(index: unknown, delta: Fields): void {
    const block = this.#open.get(index) ?? this.#begin(index, null);
    if (typeof delta.text === 'string') this.#text(delta.text);
    if (delta.reasoningContent) this.#reasoning(block, fieldsOf(delta.reasoningContent));
    if (delta.toolUse) this.#input(index, block, fieldsOf(delta.toolUse).input);
    if (delta.citation) block.citations.push(fieldsOf(delta.citation));
  }

  end(index: unknown): void {
    const block = this.#open.get(index);
    if (!block) return;
    this.#open.delete(index);
    if (block.signature !== '') {
      const { signature } = block;
      this.#answer.thinkingBlock(0, { type: 'thinking', thinking: block.thinking.join(''), signature });
    }
    for (const citation of block.citations) {
      this.#answer.annotation(0, annotationOf(citation, block.from, this.#length));
    }
  }

  /** Ends what a stream has left open. */
  close(): void {
    for (const index of [...this.#open.keys()]) this.end(index);
  }

  /** The blocks of an answer that came in one piece. */
  readWhole(content: unknown): void {
    for (const [index, block] of objectsIn(content).entries()) {
      const { toolUse, reasoningContent, citationsContent } = block;
      const { reasoningText, redactedContent } = fieldsOf(reasoningContent);
      const { content: cited, citations } = fieldsOf(citationsContent);
      if (toolUse) this.begin(index, block);
      this.add(index, { ...block, reasoningContent: { redactedContent, ...fieldsOf(reasoningText) } });
      for (const { text } of objectsIn(cited)) this.add(index, { text });
      for (const citation of objectsIn(citations)) this.add(index, { citation });
      this.end(index);
    }
  }

  #begin(index: unknown, call: OpenBlock['call']): OpenBlock {
    const block = { call, thinking: [], citations: [], from: this.#length, signature: '' };
    this.#open.set(index, block);
    return block;
  }

  #text(text: string): void {
    for (const _character of text) this.#length += 1;
    this.#answer.text(0, text);
  }

  #reasoning(block: OpenBlock, { text, signature, redactedContent }: Fields): void {
    if (typeof text === 'string' && text !== '') {
      block.thinking.push(text);
      this.#answer.reasoning(0, text);
    }
    block.signature += textIn(signature);
    if (typeof redactedContent === 'string') this.#answer.thinkingBlock(0, redactedBlock(redactedContent));
  }

  /** Text in streams, an object in whole answers. */
  #input(index: unknown, block: OpenBlock, input: unknown): void {
    if (block.call === 'client') this.#answer.toolCall(0, { index, arguments: input });
    else if (block.call === 'answer') this.#text(typeof input === 'string' ? input : JSON.stringify(input));
  }
}

/** A source on the web as OpenAI has it; others (documents, search results) stay what they are. */
function annotationOf(citation: Fields, from: number, to: number): Annotation {
  const { url } = fieldsOf(fieldsOf(citation.location).web);
  const place = { start_index: from, end_index: to };
  if (typeof url !== 'string') return { type: 'bedrock_citation', bedrock_citation: citation, ...place };
  const { title } = citation;
  const named = typeof title === 'string' && { title };
  return { type: 'url_citation', url_citation: { url, ...named, ...place } };
}
