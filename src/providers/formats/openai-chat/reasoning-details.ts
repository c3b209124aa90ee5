type Detail = Record<string, unknown>;

/**
 * The `reasoning_details` of one choice, put together again from a stream: OpenRouter's way of showing reasoning
 * (`reasoning.text`, `reasoning.summary`) and of carrying what only the vendor can read (`reasoning.encrypted`),
 * which MiniMax and Snowflake speak too. They go back as they came, so that the model can go on from them.
 */
export class ReasoningDetails {
  readonly all: Detail[] = [];

  /** Adds what a chunk brings; returns the readable text in it, if any. */
  add(details: unknown): string {
    if (!Array.isArray(details)) return '';
    let text = '';
    for (const detail of details as (Detail | null)[]) {
      if (typeof detail !== 'object' || detail === null) continue;
      text += textOf(detail.text) || textOf(detail.summary);
      this.#add(detail);
    }
    return text;
  }

  #add(detail: Detail): void {
    const last = this.all.at(-1);
    if (last === undefined || !continues(detail, last)) {
      this.all.push({ ...detail });
      return;
    }
    for (const [name, value] of Object.entries(detail)) {
      if (name === 'text' || name === 'summary') last[name] = textOf(last[name]) + textOf(value);
      else if (value !== null) last[name] = value;
    }
  }
}

/** A signature closes a stretch of text; what is encrypted comes whole. */
function continues(detail: Detail, last: Detail): boolean {
  const { type, index } = detail;
  if (type !== 'reasoning.text' && type !== 'reasoning.summary') return false;
  return last.type === type && last.index === index && !last.signature;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
