import { jobIdOf, publicId } from '../../core/job-id.ts';

/** An id of {@link ItemIds}: whose output it is, of which attempt. */
const ITEM = /^(?:msg|rs|fc)_(?<digits>[0-9a-f]{32})_(?<epoch>\d{1,9})(?:_\d+)?$/;

const RESPONSE = 'resp_';

/** The id of a job's response: `resp_` and the digits of the job's id. */
export function responseId(jobId: string): string {
  return publicId(RESPONSE, jobId);
}

/** The job of a response; null for what is no id of one. */
export function jobOfResponse(id: string): string | null {
  return jobIdOf(RESPONSE, id);
}

/**
 * What the items of one attempt's output are called: each kind is counted by itself, so the same log, and the record that it
 * became, give the same ids.
 */
export class ItemIds {
  readonly #tail: string;

  constructor(jobId: string, epoch: number) {
    this.#tail = `${publicId('', jobId)}_${epoch}`;
  }

  /** `index`: among the messages. Nearly all answers have one. */
  message(index: number): string {
    return `msg_${this.#tail}${later(index)}`;
  }

  /** `index`: among the items of reasoning. */
  reasoning(index: number): string {
    return `rs_${this.#tail}${later(index)}`;
  }

  call(index: number): string {
    return `fc_${this.#tail}_${index}`;
  }

  /** The job that an item is of, and what the items of its attempt are called; null for what is no id of an item. */
  static of(id: string): { readonly jobId: string; readonly ids: ItemIds } | null {
    const { digits, epoch } = ITEM.exec(id)?.groups ?? {};
    const jobId = digits === undefined ? null : jobIdOf('', digits);
    return jobId === null ? null : { jobId, ids: new ItemIds(jobId, Number(epoch)) };
  }

  /** An item of the provider's that has no id of its own. */
  hosted(index: number): string {
    return `item_${this.#tail}_${index}`;
  }

  /** An item of the input. */
  static input(prefix: string, jobId: string, index: number): string {
    return `${prefix}_${publicId('', jobId)}_in_${index}`;
  }
}

function later(index: number): string {
  return index === 0 ? '' : `_${index}`;
}
