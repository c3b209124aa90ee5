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

/** What the id of a file looks like. */
export const FILE_ID = /^file-[0-9a-f]{32}$/;

/** A new id, which sorts by the time of its creation. */
export function newFileId(): string {
  return `file-${newJobId().slice('job_'.length)}`;
}
