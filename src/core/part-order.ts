/** What an answer is made of, in the usual order. */
export const PART_KINDS = [
  'reasoning',
  'thinking_block',
  'text',
  'refusal',
  'annotation',
  'tool_call',
] as const;

/** One of them. */
export type PartKind = (typeof PART_KINDS)[number];

/** Stretches of an answer as they came: of text with its length in UTF-16 units, of others with their number. */
export type PartOrder = readonly (readonly [PartKind, number])[];

/** Notes in which order the parts of an answer come. */
export class PartOrderBuilder {
  readonly #stretches: [PartKind, number][] = [];
  #last: [PartKind, number] | undefined;
  #usual = true;

  add(kind: PartKind, length: number): void {
    if (length === 0) return;
    if (this.#last?.[0] === kind) {
      this.#last[1] += length;
      return;
    }
    if (this.#last && PART_KINDS.indexOf(kind) < PART_KINDS.indexOf(this.#last[0])) this.#usual = false;
    this.#last = [kind, length];
    this.#stretches.push(this.#last);
  }

  /** Null where it is the usual one, which goes without saying. */
  get unusual(): PartOrder | null {
    return this.#usual ? null : this.#stretches;
  }
}
