const JOB = 'job_';
const DIGITS = /^[0-9a-f]{32}$/;

/** What a surface calls a job's answer: its own prefix, as `resp_`, and the digits of the job's id. */
export function publicId(prefix: string, jobId: string): string {
  return prefix + jobId.slice(JOB.length);
}

/** The job whose answer has this id; null for what is no id of this prefix. */
export function jobIdOf(prefix: string, id: string): string | null {
  const digits = id.startsWith(prefix) ? id.slice(prefix.length) : '';
  return DIGITS.test(digits) ? JOB + digits : null;
}
