/** One thing that was looked at. */
export interface Finding {
  readonly state: 'ok' | 'doubtful' | 'wrong';
  readonly what: string;
  /** What was found, in a sentence or less. */
  readonly found: string;
  /** The command, or the change, that mends it. */
  readonly mend?: string;
}

export function ok(what: string, found: string): Finding {
  return { state: 'ok', what, found };
}

export function doubtful(what: string, found: string, mend: string): Finding {
  return { state: 'doubtful', what, found, mend };
}

export function wrong(what: string, found: string, mend: string): Finding {
  return { state: 'wrong', what, found, mend };
}
