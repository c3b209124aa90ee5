import type { Annotation, TokenLogprob } from '../../../core/completion.ts';
import type { Fields } from '../../../core/json.ts';
import { annotationOf } from '../answer/annotations.ts';
import { logprobsOf } from '../answer/logprobs.ts';
import { type Events, prepare } from './events.ts';
import type { PartKind } from './part-kinds.ts';

/** Where a part is in the output. */
export interface PartPlace {
  readonly item: string;
  readonly outputIndex: number;
  /** Among the parts of its item. */
  readonly index: number;
}

/** One part of an item, from the event that adds it to the one that ends it. */
export class PartStream {
  readonly kind: PartKind;
  readonly #events: Events;
  /** The place, as JSON fields that every event of the part has. */
  readonly #place: string;
  /** A delta's event around its number and its text. */
  readonly #head: string;
  readonly #middle: string;
  readonly #tail: string;
  #text = '';
  readonly #logprobs: TokenLogprob[] = [];
  readonly #annotations: Fields[] = [];

  constructor(kind: PartKind, events: Events, { item, outputIndex, index }: PartPlace) {
    this.kind = kind;
    this.#events = events;
    this.#place = `"item_id":${JSON.stringify(item)},"output_index":${outputIndex},"${kind.place}":${index}`;
    this.#head = prepare(kind.delta);
    this.#middle = `,${this.#place},"delta":`;
    this.#tail = kind.logprobs ? ',"logprobs":[]}\n\n' : '}\n\n';
  }

  begin(): string {
    const part = JSON.stringify(this.kind.write('', [], []));
    return this.#events.write(this.kind.added, `${this.#place},"part":${part}`);
  }

  delta(text: string, logprobs?: readonly TokenLogprob[]): string {
    this.#text += text;
    const fields = this.#middle + JSON.stringify(text);
    if (logprobs === undefined) return this.#events.writePrepared(this.#head, fields, this.#tail);
    const said = logprobsOf(logprobs);
    this.#logprobs.push(...said);
    const tail = `,"logprobs":${JSON.stringify(said)}}\n\n`;
    return this.#events.writePrepared(this.#head, fields, tail);
  }

  annotation(annotation: Annotation): string {
    const flat = annotationOf(annotation);
    this.#annotations.push(flat);
    const index = this.#annotations.length - 1;
    const fields = `${this.#place},"annotation_index":${index},"annotation":${JSON.stringify(flat)}`;
    return this.#events.write('response.output_text.annotation.added', fields);
  }

  end(): string {
    const { kind } = this;
    const logprobs = kind.logprobs ? `,"logprobs":${JSON.stringify(this.#logprobs)}` : '';
    const text = `"${kind.text}":${JSON.stringify(this.#text)}`;
    const part = JSON.stringify(kind.write(this.#text, this.#annotations, this.#logprobs));
    return (
      this.#events.write(kind.textDone, `${this.#place},${text}${logprobs}`) +
      this.#events.write(kind.done, `${this.#place},"part":${part}`)
    );
  }
}
