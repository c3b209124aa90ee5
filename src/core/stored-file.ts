import { newJobId } from './job-id.ts';

/** What a file may be uploaded for, in OpenAI's words. */
export const UPLOAD_PURPOSES = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'] as const;
/** What a file may be for: those, and what Sluice makes by itself. */
export const FILE_PURPOSES = [...UPLOAD_PURPOSES, 'batch_output'] as const;
export type FilePurpose = (typeof FILE_PURPOSES)[number];

/** A file that clients know by its id; its bytes are a blob. Times in unix milliseconds. */
export interface StoredFile {
  readonly id: string;
  readonly bytes: number;
  readonly filename: string;
  readonly purpose: FilePurpose;
  readonly createdAt: number;
  /** Null: it is kept until it is deleted. */
  readonly expiresAt: number | null;
}

/** Seconds that a file may be kept for, where its client says so: OpenAI's own bounds. */
export const SHORTEST_LIFE = 3600;
export const LONGEST_LIFE = 2_592_000;

/** When a file expires that is created at `createdAt` (unix ms), to be kept for so many seconds; null: as long as its purpose has it. */
export function expiryOf(purpose: FilePurpose, life: number | null, createdAt: number): number | null {
  const seconds = life ?? (purpose === 'batch' ? LONGEST_LIFE : null);
  return seconds === null ? null : createdAt + 1000 * seconds;
}

/** What the id of a file looks like. */
export const FILE_ID = /^file-[0-9a-f]{32}$/;

/** A new id, which sorts by the time of its creation. */
export function newFileId(): string {
  return `file-${newJobId().slice('job_'.length)}`;
}
