import { randomUUID } from 'node:crypto';
import type { Delta } from '../core/delta.ts';

interface Fragment {
  readonly index?: unknown;
  readonly id?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown } | null;
}

interface Call {
  readonly number: number;
  /** The server's index; null where it sends none. */
  readonly index: number | null;
  /** The server's id; empty until it has sent one. */
  id: string;
  name: string;
}

/** Tells the tool calls of one choice apart, and numbers them from 0 in the order in which they begin. */
export class ToolCallDecoder {
  readonly #choice: number;
  readonly #calls: Call[] = [];

  constructor(choice: number) {
    this.#choice = choice;
  }

  /** Adds what one item of `delta.tool_calls` brings; an item that brings nothing new adds nothing. */
  push(item: unknown, deltas: Delta[]): void {
    if (typeof item !== 'object' || item === null) return;
    const fragment: Fragment = item;
    const index = typeof fragment.index === 'number' ? fragment.index : null;
    const id = typeof fragment.id === 'string' ? fragment.id : '';
    const name = text(fragment.function?.name);
    const args = text(fragment.function?.arguments);

    const known = this.#find(index, id, name);
    const call = known ?? this.#begin(index, id);
    const newId = known === null ? id || inventId() : known.id === '' ? id : '';
    const newName = call.name === '' ? name : '';
    if (id !== '') call.id = id;
    call.name ||= name;
    if (newId === '' && newName === '' && args === '') return;
    deltas.push({
      type: 'tool_call',
      choice: this.#choice,
      call: call.number,
      ...(newId && { id: newId }),
      ...(newName && { name: newName }),
      ...(args && { arguments: args }),
    });
  }

  /**
   * The call that a fragment continues. Some servers repeat one index for every call, some send no index:
   * an id that the call does not have begins a new one.
   */
  #find(index: number | null, id: string, name: string): Call | null {
    if (index === null && id === '') return name === '' ? (this.#calls.at(-1) ?? null) : null;
    const fits = (call: Call): boolean =>
      index === null
        ? call.id === id
        : call.index === index && (id === '' || call.id === '' || call.id === id);
    return this.#calls.findLast(fits) ?? null;
  }

  #begin(index: number | null, id: string): Call {
    const call = { number: this.#calls.length, index, id, name: '' };
    this.#calls.push(call);
    return call;
  }
}

/** For servers that send none: clients must have an id to answer a call. */
function inventId(): string {
  return `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : '';
}
