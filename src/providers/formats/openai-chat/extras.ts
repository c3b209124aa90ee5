import type { Answer } from '../../answer/answer.ts';
import type { Chunk, ChunkDelta } from './chunk.ts';
import { ReasoningDetails } from './reasoning-details.ts';
import { Spoken } from './spoken.ts';

/** What servers add to their answers that is told once, when a choice ends. */
export class Extras {
  readonly #keeps: readonly string[];
  readonly #chunkFields: Record<string, unknown> = {};
  readonly #details = new Map<number, ReasoningDetails>();
  readonly #images = new Map<number, unknown[]>();
  readonly #audio = new Map<number, Spoken>();

  /** `keeps`: the fields of chunks to keep, each as it came last. */
  constructor(keeps: readonly string[]) {
    this.#keeps = keeps;
  }

  readChunk(chunk: Chunk): void {
    for (const name of this.#keeps) {
      const value = (chunk as Readonly<Record<string, unknown>>)[name];
      if (value !== null && value !== undefined) this.#chunkFields[name] = value;
    }
  }

  readImages(choice: number, { images }: ChunkDelta): void {
    if (!Array.isArray(images)) return;
    this.#images.set(choice, [...(this.#images.get(choice) ?? []), ...images]);
  }

  readAudio(choice: number, { audio }: ChunkDelta): void {
    const spoken = this.#audio.get(choice) ?? new Spoken();
    this.#audio.set(choice, spoken);
    spoken.add(audio);
  }

  /** Returns the text of the details. */
  readDetails(choice: number, { reasoning_details }: ChunkDelta): string {
    const details = this.#details.get(choice) ?? new ReasoningDetails();
    this.#details.set(choice, details);
    return details.add(reasoning_details);
  }

  /** Says what was kept: with sources as annotations, and `reasoning_details` where they are wanted back. */
  tell(answer: Answer, choice: number, withDetails: boolean): void {
    for (const citation of sourcesIn(this.#chunkFields)) {
      answer.annotation(choice, { type: 'url_citation', url_citation: citation });
    }
    const images = this.#images.get(choice);
    const audio = this.#audio.get(choice)?.whole;
    const details = this.#details.get(choice)?.all ?? [];
    const fields = {
      ...this.#chunkFields,
      ...(images && { images }),
      ...(audio && { audio }),
      ...(withDetails && details.length > 0 && { reasoning_details: details }),
    };
    if (Object.keys(fields).length > 0) answer.providerSpecific(choice, fields);
  }
}

/** Perplexity's `search_results`, or the `citations` of servers that know addresses alone. */
function sourcesIn(fields: Readonly<Record<string, unknown>>): { url: string; title?: string }[] {
  const { search_results: results, citations } = fields;
  const sources = Array.isArray(results) ? results : Array.isArray(citations) ? citations : [];
  return sources.flatMap((source: unknown) => {
    if (typeof source === 'string') return { url: source };
    const { url, title } = (source ?? {}) as { url?: unknown; title?: unknown };
    if (typeof url !== 'string') return [];
    return { url, ...(typeof title === 'string' && { title }) };
  });
}
