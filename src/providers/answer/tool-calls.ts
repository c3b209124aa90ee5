import { randomUUID } from 'node:crypto';
import type { Delta } from '../../core/delta.ts';

/** What one message says of one tool call; every part of it may be missing, or of a type that it should not be. */
export interface ToolCallFragment {
  /** The server's number for the call, of any kind of counting. */
  readonly index?: unknown;
  readonly id?: unknown;
  readonly name?: unknown;
  /** JSON text, or part of it; or the object itself. */
  readonly arguments?: unknown;
  readonly specific?: Readonly<Record<string, unknown>>;
}

interface Call {
  readonly number: number;
  /** The server's index; null where it sends none. */
  readonly index: number | null;
  /** The server's id; empty until it has sent one. */
  id: string;
  name: string;
  hasArguments: boolean;
}

/** Far more than any model makes. Each fragment is looked for among the calls before it. */
const MOST_CALLS = 2000;

/** Tells the tool calls of one choice apart, and numbers them from 0 in the order in which they begin. */
export class ToolCalls {
  readonly #choice: number;
  readonly #calls: Call[] = [];
  readonly #ids = new Set<string>();

  constructor(choice: number) {
    this.#choice = choice;
  }

  get count(): number {
    return this.#calls.length;
  }

  /**
   * Adds what a fragment brings; one that brings nothing new adds nothing.
   *
   * @throws {RangeError} for more calls than any answer has.
   */
  push(fragment: ToolCallFragment, deltas: Delta[]): void {
    const index = typeof fragment.index === 'number' ? fragment.index : null;
    const id = typeof fragment.id === 'string' ? fragment.id : '';
    const name = text(fragment.name);
    const args = text(fragment.arguments);

    const known = this.#find(index, id, name);
    const call = known ?? this.#begin(index, id);
    const newId = known === null ? this.#unique(id) : known.id === '' ? id : '';
    const newName = call.name === '' ? name : '';
    if (id !== '') call.id = id;
    call.name ||= name;
    if (args !== '') call.hasArguments = true;
    if (newId === '' && newName === '' && args === '' && fragment.specific === undefined) return;
    deltas.push({
      type: 'tool_call',
      choice: this.#choice,
      call: call.number,
      ...(newId && { id: newId }),
      ...(newName && { name: newName }),
      ...(args && { arguments: args }),
      ...(fragment.specific && { provider_specific_fields: fragment.specific }),
    });
  }

  /** Gives calls without arguments the empty object: what clients parse must be JSON. */
  close(deltas: Delta[]): void {
    for (const call of this.#calls) {
      if (call.hasArguments) continue;
      call.hasArguments = true;
      deltas.push({ type: 'tool_call', choice: this.#choice, call: call.number, arguments: '{}' });
    }
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
    if (this.#calls.length >= MOST_CALLS)
      throw new RangeError(`An answer has more than ${MOST_CALLS} calls.`);
    const call = { number: this.#calls.length, index, id, name: '', hasArguments: false };
    this.#calls.push(call);
    return call;
  }

  /** The server's id, unless another call has it or there is none: clients answer calls by their ids. */
  #unique(id: string): string {
    const unique = id === '' || this.#ids.has(id) ? inventId() : id;
    this.#ids.add(unique);
    return unique;
  }
}

function inventId(): string {
  return `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : '';
}
