/** Who tells others of settled jobs. */
export interface SettledNotices {
  /** Whether anybody wants to hear also of jobs that have no webhook of their own. */
  readonly wanted: boolean;
  /** Resolves once what is to be told of the job is durable. May be called again for the same job. */
  jobSettled(jobId: string): Promise<void>;
}

/** Tells nobody. */
export const NOBODY: SettledNotices = { wanted: false, jobSettled: async () => {} };
