import { newJobId } from './job-id.ts';
import type { FilePurpose, StoredFile } from './stored-file.ts';

/** What can have become of an upload. */
export type UploadStatus = 'pending' | 'completed' | 'cancelled' | 'expired';

/** What a client says of a file that it will send in parts. Times in unix milliseconds. */
export interface UploadSpec {
  readonly id: string;
  readonly filename: string;
  readonly purpose: FilePurpose;
  /** How many the parts must have together. */
  readonly bytes: number;
  /** Seconds that the file is kept; null: as its purpose has it. */
  readonly life: number | null;
  readonly createdAt: number;
  /** From then on it takes no more parts. */
  readonly expiresAt: number;
}

/** An upload as it is now. */
export interface Upload extends UploadSpec {
  readonly status: UploadStatus;
  /** The bytes of each part by its id. */
  readonly parts: ReadonlyMap<string, number>;
  /** What it became; null unless it was completed. */
  readonly file: StoredFile | null;
}

/** The largest part of an upload, in bytes: OpenAI's own limit. */
export const LARGEST_PART = 64 * 1024 * 1024;

/** What the id of an upload looks like. */
export const UPLOAD_ID = /^upload_[0-9a-f]{32}$/;

/** A new id, which sorts by the time of its creation. */
export function newUploadId(): string {
  return `upload_${newJobId().slice('job_'.length)}`;
}

/** A new id of a part. */
export function newPartId(): string {
  return `part_${newJobId().slice('job_'.length)}`;
}
