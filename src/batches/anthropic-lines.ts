import type { Batch, LineResult } from '../core/batch.ts';
import { lineJobId } from '../core/batch-id.ts';
import { publicId } from '../core/job-id.ts';
import { messagesError } from '../surfaces/messages/error.ts';
import { surfaceOf } from '../surfaces/registry.ts';
import { endOf, type LineEnd } from './line-job.ts';

/** Writes a finished line as Anthropic's Message Batches do; JSON, without a line break. */
export function resultLine({ id }: Pick<Batch, 'id'>, result: LineResult): string {
  const requestId = publicId('req_', lineJobId(id, result.line));
  return JSON.stringify({ custom_id: result.customId, result: resultOf(endOf(id, result), requestId) });
}

function resultOf(end: LineEnd, requestId: string): object {
  switch (end.kind) {
    case 'answer':
      return { type: 'succeeded', message: surfaceOf(end.job.url).write(end.job, end.answer) };
    case 'error':
      return {
        type: 'errored',
        error: { ...messagesError(end.error, end.status), request_id: requestId },
      };
    case 'not_run':
      return { type: end.reason === 'cancelled' ? 'canceled' : 'expired' };
  }
}
