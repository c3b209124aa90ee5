import { randomUUID } from 'node:crypto';

/** What `x-request-id` says: it names one HTTP request in answers and in the log. */
export function newRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`;
}
