import type { Annotation } from '../../../core/completion.ts';
import { type Fields, isFields } from '../../../core/json.ts';
import { countOf, itemsOf } from './wire.ts';

/** What an answer rests on, as OpenAI's annotations. */
export function annotationsOf(text: string, grounding: Fields, citations: readonly Fields[]): Annotation[] {
  const offsets = new Offsets(text);
  return [...grounded(offsets, grounding), ...citations.map((source) => cited(offsets, source))];
}

/** What Google searched, and which stretches of the answer (`groundingSupports`) rest on which of it. */
function grounded(offsets: Offsets, grounding: Fields): Annotation[] {
  const chunks = Array.isArray(grounding.groundingChunks) ? grounding.groundingChunks : [];
  const supports = itemsOf(grounding.groundingSupports);
  if (supports.length === 0) return chunks.flatMap((chunk) => grounds(chunk, {}));
  return supports.flatMap(({ segment, groundingChunkIndices: indices }) => {
    const place = offsets.of(isFields(segment) ? segment : {});
    return (Array.isArray(indices) ? indices : []).flatMap((index) => grounds(chunks[index], place));
  });
}

/** A `GroundingChunk`: `{web: {uri, title}}`, `{maps: …}`, `{retrievedContext: …}`. */
function grounds(chunk: unknown, place: Place): Annotation[] {
  if (!isFields(chunk)) return [];
  return Object.entries(chunk).flatMap(([kind, source]) => {
    return isFields(source) ? annotation(kind, source, place) : [];
  });
}

/** An entry of `citationMetadata`: what was recited. */
function cited(offsets: Offsets, { startIndex, endIndex, ...source }: Fields): Annotation {
  return annotation('citation', source, offsets.of({ startIndex, endIndex }));
}

function annotation(kind: string, source: Fields, place: Place): Annotation {
  const { uri: url, title } = source;
  if (typeof url !== 'string' || !/^https?:/.test(url))
    return { type: kind, [kind]: { ...source, ...place } };
  const name = typeof title === 'string' && { title };
  return { type: 'url_citation', url_citation: { url, ...name, ...place } };
}

/** A stretch of the content, in characters. */
interface Place {
  readonly start_index?: number;
  readonly end_index?: number;
}

/** Google counts bytes of UTF-8, OpenAI counts characters. */
class Offsets {
  readonly #text: string;
  #bytes: Buffer | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * The place of a `Segment`. Its offsets count from the start of its part, and parts are not told apart in a stream:
   * where they do not lead to the segment's text, that is looked for. Nowhere, if it is not in the content.
   */
  of(segment: Fields): Place {
    const start = countOf(segment.startIndex) ?? 0;
    const end = countOf(segment.endIndex);
    this.#bytes ??= Buffer.from(this.#text);
    if (end !== null && start < end && end <= this.#bytes.length) {
      const found = this.#bytes.toString('utf8', start, end);
      if (typeof segment.text !== 'string' || segment.text === found) {
        return this.#place(this.#bytes.toString('utf8', 0, start), found);
      }
    }
    return typeof segment.text === 'string' ? this.#find(segment.text) : {};
  }

  #find(text: string): Place {
    const at = text === '' ? -1 : this.#text.indexOf(text);
    return at === -1 ? {} : this.#place(this.#text.slice(0, at), text);
  }

  #place(before: string, stretch: string): Place {
    const start = characters(before);
    return { start_index: start, end_index: start + characters(stretch) };
  }
}

/** As Unicode counts: an emoji is one, though JavaScript's strings have two units for it. */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
