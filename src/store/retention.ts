/** How long jobs are kept, in seconds. */
export interface Retention {
  /** The longest that a job can take to settle. */
  readonly jobTimeout: number;
  readonly resultTtl: number;
  readonly logTtl: number;
  /** Of stored jobs; never less than `resultTtl`. */
  readonly storedTtl: number;
}
