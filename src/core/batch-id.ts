import { newJobId } from './job-id.ts';

const PREFIX = 'batch_';
/** Digits at the end of a job's id that are the number of its line, where it is one of a batch. */
const LINE_DIGITS = 5;

/** What the id of a batch looks like. */
export const BATCH_ID = /^batch_[0-9a-f]{27}0{5}$/;

/** Lines that one batch can have, at most: line 0 is the batch itself. */
export const MOST_LINES = 16 ** LINE_DIGITS - 1;

/** Whether the text is the id of a batch, whether or not there is one. */
export function isBatchId(text: string): boolean {
  return BATCH_ID.test(text);
}

/** A new id: `batch_` and a UUIDv7 without dashes, whose last five digits are left for the lines. */
export function newBatchId(): string {
  return PREFIX + newJobId().slice('job_'.length, -LINE_DIGITS) + '0'.repeat(LINE_DIGITS);
}

/**
 * The id of the job that a line becomes, which depends on nothing else: whoever feeds the line again feeds the same job.
 * `line` counts from 1.
 */
export function lineJobId(batchId: string, line: number): string {
  return `job_${batchId.slice(PREFIX.length, -LINE_DIGITS)}${line.toString(16).padStart(LINE_DIGITS, '0')}`;
}

/** The line that a job would be of if it were one of a batch's: any id of a job has such a reading. */
export function lineOf(jobId: string): { readonly batchId: string; readonly line: number } {
  const line = Number.parseInt(jobId.slice(-LINE_DIGITS), 16);
  return {
    batchId: `${PREFIX}${jobId.slice('job_'.length, -LINE_DIGITS)}${'0'.repeat(LINE_DIGITS)}`,
    line,
  };
}

/** What another API calls the same batch, as `msgbatch_…`: its prefix, and the same digits. */
export function publicBatchId(prefix: string, batchId: string): string {
  return prefix + batchId.slice(PREFIX.length);
}

/** The batch that another API calls so; null for what is no such name. */
export function batchIdOf(prefix: string, id: string): string | null {
  const batchId = id.startsWith(prefix) ? PREFIX + id.slice(prefix.length) : '';
  return isBatchId(batchId) ? batchId : null;
}
