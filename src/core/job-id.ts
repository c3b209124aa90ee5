import { randomUUID } from 'node:crypto';

const PREFIX = 'job_';
const DIGITS = /^[0-9a-f]{32}$/;
/** The first digits of an id are its time (UUIDv7). */
const TIME_DIGITS = 12;

/** What the id of a job looks like. */
export const JOB_ID = /^job_[0-9a-f]{32}$/;

/** Whether the text is the id of a job, whether or not there is one. */
export function isJobId(text: string): boolean {
  return JOB_ID.test(text);
}

/** A new job id: `job_` and a UUIDv7 without dashes, so that ids sort by the time of their creation. */
export function newJobId(): string {
  const random = randomUUID();
  return `${PREFIX}${timeDigits(Date.now())}7${random.slice(15, 18)}${random.slice(19, 23)}${random.slice(24)}`;
}

/** When the job was created, in unix ms: an id begins with that. */
export function jobTime(jobId: string): number {
  return Number.parseInt(jobId.slice(PREFIX.length, PREFIX.length + TIME_DIGITS), 16);
}

/** What sorts before the ids of all jobs that are created at `unixMs` or later. */
export function smallestJobId(unixMs: number): string {
  return `${PREFIX}${timeDigits(Math.max(0, unixMs))}${'0'.repeat(20)}`;
}

/** What a surface calls a job's answer: its own prefix, as `resp_`, and the digits of the job's id. */
export function publicId(prefix: string, jobId: string): string {
  return prefix + jobId.slice(PREFIX.length);
}

/** The job whose answer has this id; null for what is no id of this prefix. */
export function jobIdOf(prefix: string, id: string): string | null {
  const digits = id.startsWith(prefix) ? id.slice(prefix.length) : '';
  return DIGITS.test(digits) ? PREFIX + digits : null;
}

function timeDigits(unixMs: number): string {
  return unixMs.toString(16).padStart(TIME_DIGITS, '0');
}
