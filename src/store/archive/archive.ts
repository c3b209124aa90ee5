/** A job's record as its hash has it: field by field, all of them text. */
export type RecordFields = Readonly<Record<string, string>>;

/**
 * Where stored jobs are kept once Redis no longer has them: a document a job. `disk-archive.ts` keeps them in files; what
 * keeps them elsewhere has to promise the same.
 */
export interface Archive {
  /** Keeps the document, or replaces it. Resolves once it survives the loss of power; readers see all of it or nothing. */
  write(jobId: string, record: RecordFields): Promise<void>;
  /** Null if there is none. */
  read(jobId: string): Promise<RecordFields | null>;
  /** Also where there is none. */
  delete(jobId: string): Promise<void>;
  /** Forgets the jobs that were created before `unixMs`, as far as whole days go. */
  trim(unixMs: number): Promise<void>;
}
