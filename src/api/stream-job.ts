import type { Response } from 'express';
import { type ErrorBody, SluiceError } from '../core/errors.ts';
import type { LogEntry } from '../core/log-entry.ts';
import { goesOn, SHUTTING_DOWN } from '../surfaces/interrupted.ts';
import type { SurfaceStream } from '../surfaces/surface.ts';
import { sendJobError } from './middleware/errors.ts';
import type { ApiParts } from './parts.ts';
import type { SseResponse } from './sse-response.ts';

/** Ms that a stream's status line waits for its first delta, so that an early failure gets its own status. */
const HOLD_HEADERS = 2000;

const LOG_GONE = new SluiceError('log_expired', 'The log of this job was removed while it was read.').body;

/** What one reader is sent. */
export interface Reading {
  readonly jobId: string;
  readonly stream: SurfaceStream;
  /** The job's log from its first entry on, until the signal aborts. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<LogEntry> | readonly LogEntry[];
  /** The reader wants to know the job's id more than an early failure's own status. */
  readonly atOnce: boolean;
}

/** Streams a job in the words of a surface, to its end or until the reader leaves. */
export async function streamJob(parts: ApiParts, response: Response, reading: Reading): Promise<void> {
  const { jobId, stream, follow, atOnce } = reading;
  const sse = parts.streams.open(response);
  const fail = (error: ErrorBody): void => end(sse, stream, response, error);
  const begin = stream.begin();
  if (atOnce) flush(sse, begin);
  const hold = setTimeout(() => flush(sse, begin), HOLD_HEADERS);
  try {
    for await (const entry of follow(sse.gone)) {
      if (entry.kind === 'end' && entry.outcome.error !== null && !sse.headersSent) {
        return sendJobError(response, entry.outcome.error);
      }
      const frames = stream.write(entry);
      if (stream.ended) return sse.end(sse.headersSent ? frames : begin + frames);
      if (frames === '') continue;
      const full = sse.write(sse.headersSent ? frames : begin + frames);
      if (full) await full;
    }
    if (parts.closing.begun) fail(goesOn(jobId, SHUTTING_DOWN).body);
    else if (!sse.gone.aborted) fail(LOG_GONE);
  } finally {
    clearTimeout(hold);
  }
}

function flush(sse: SseResponse, begin: string): void {
  if (sse.headersSent) return;
  if (begin === '') sse.flushHeaders();
  else sse.write(begin);
}

/** In-band once the status line is out, else with the error's own status. */
function end(sse: SseResponse, stream: SurfaceStream, response: Response, error: ErrorBody): void {
  if (sse.headersSent) sse.end(stream.fail(error));
  else sendJobError(response, error);
}
