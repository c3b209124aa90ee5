import type { Batch, LineResult } from '../core/batch.ts';
import { lineJobId } from '../core/batch-id.ts';
import { publicId } from '../core/job-id.ts';
import { messagesError, messagesStatus } from '../surfaces/messages/error.ts';
import { messagesSurface } from '../surfaces/messages/surface.ts';
import { surfaceOf } from '../surfaces/registry.ts';
import { endOf, type LineEnd } from './line-job.ts';

/** Why a line has no response, in OpenAI's words. */
const NOT_RUN = {
  expired: {
    code: 'batch_expired',
    message: 'This request could not be executed before the completion window expired.',
  },
  cancelled: { code: 'batch_cancelled', message: 'This request was not completed: it was cancelled.' },
} as const;

/** A line of a batch's output or error file. Its form is that of OpenAI's batches. */
export interface OutputLine {
  readonly file: 'output' | 'errors';
  /** JSON, without a line break. */
  readonly text: string;
}

/** Writes a finished line as OpenAI's batches do: what got an answer of its own is output, all else an error. */
export function outputLine({ id, endpoint }: Pick<Batch, 'id' | 'endpoint'>, result: LineResult): OutputLine {
  const jobId = lineJobId(id, result.line);
  const end = endOf(id, result);
  const response = responseOf(endpoint, end, publicId('req_', jobId));
  const line = {
    id: publicId('batch_req_', jobId),
    custom_id: result.customId,
    response,
    error: end.kind === 'not_run' ? NOT_RUN[end.reason] : null,
  };
  return { file: end.kind === 'answer' ? 'output' : 'errors', text: JSON.stringify(line) };
}

function responseOf(endpoint: string, end: LineEnd, requestId: string): object | null {
  switch (end.kind) {
    case 'not_run':
      return null;
    case 'answer':
      return {
        status_code: 200,
        request_id: requestId,
        body: surfaceOf(end.job.url).write(end.job, end.answer),
      };
    case 'error':
      return errorResponse(endpoint, end, requestId);
  }
}

/** The answer that the same request would have got from its endpoint. */
function errorResponse(
  endpoint: string,
  { status, error }: Extract<LineEnd, { kind: 'error' }>,
  requestId: string,
): object {
  return endpoint === messagesSurface.url
    ? {
        status_code: messagesStatus(status, error),
        request_id: requestId,
        body: { ...messagesError(error, status), request_id: requestId },
      }
    : { status_code: status, request_id: requestId, body: { error } };
}
