/** What the command's exit code says. `sluice --help` lists them. */
export const EXIT = {
  ok: 0,
  /** Whatever has no code of its own. */
  error: 1,
  /** The command line, a file that it names, or the request. */
  usage: 2,
  /** The job failed or expired, or lines of the batch did. */
  failed: 3,
  cancelled: 4,
  unreachable: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with this code, after its message, if it has one. */
export class Exit extends Error {
  readonly code: ExitCode;

  constructor(code: ExitCode, message = '') {
    super(message);
    this.code = code;
  }
}

/** For `--help`. */
export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    an error without a code of its own
  2    a mistake on the command line, in a file or in the request
  3    the job failed or expired, or lines of the batch did
  4    the job or batch was cancelled
  5    the server could not be reached
  130  ctrl-C`;
