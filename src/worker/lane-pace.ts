/** What happened in a process since the last look. */
export interface Load {
  /** Ms that the event loop was late, on average. */
  readonly delay: number;
  /** Some group runs all the lines that it may. */
  readonly full: boolean;
}

/** Ms of delay below which more lines may run, and above which fewer must. A job's first delta waits for it about twelve times. */
const CALM = 0.25;
const STRAINED = 0.5;
/** Lines that may always run, so that no flood of other jobs starves a batch. */
export const LEAST_LINES = 2;
/** Lines that may run at first, and how their number grows until it has once been too large, and after that. */
const FIRST_LINES = 8;
const FIRST_GROWTH = 2;
const GROWTH = 1.25;
const DECAY = 0.75;

/**
 * How many lines of batches a process runs at once: as many as leave the event loop to the other jobs. Where providers take
 * seconds, those are hundreds; where answers come at once, a few keep a processor busy.
 */
export class LanePace {
  readonly #most: number;
  #lines: number;
  #growth = FIRST_GROWTH;

  /** `most`: lines that may run at once, however calm it is. */
  constructor(most: number) {
    this.#most = Math.max(most, LEAST_LINES);
    this.#lines = Math.min(FIRST_LINES, this.#most);
  }

  get lines(): number {
    return this.#lines;
  }

  /** The number for the time until the next look. */
  next({ delay, full }: Load): number {
    if (delay > STRAINED) {
      this.#growth = GROWTH;
      this.#lines = Math.max(LEAST_LINES, Math.floor(this.#lines * DECAY));
    } else if (delay < CALM && full) {
      // Slots that are free already would say nothing about what more of them do.
      this.#lines = Math.min(this.#most, Math.ceil(this.#lines * this.#growth));
    }
    return this.#lines;
  }
}

/**
 * What each group may run of so many lines, given what each runs now: what one leaves unused, the others get. Every group may
 * run one, or it would never be seen to have any.
 */
export function sharesOf(lines: number, running: readonly number[]): number[] {
  const shares = running.map(() => 1);
  const order = running.map((count, group) => ({ count, group })).sort((a, b) => a.count - b.count);
  let left = lines;
  for (const [place, { count, group }] of order.entries()) {
    const fair = Math.max(1, Math.floor(left / (order.length - place)));
    shares[group] = fair;
    left = Math.max(0, left - Math.min(count, fair));
  }
  return shares;
}
