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

/** The archive could not be asked; `cause` is why. What it keeps is not lost: it may be reached again. */
export class ArchiveUnavailable extends Error {
  override readonly name = 'ArchiveUnavailable';

  constructor(cause: unknown) {
    super('The archive cannot be reached.', { cause });
  }
}

/** What the file system or the network said no to, as an {@link ArchiveUnavailable}; other errors are none of it. */
export async function reaching<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? new ArchiveUnavailable(error) : error;
  }
}
