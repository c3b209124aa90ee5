import type { Response } from 'express';
import type { CompletionRequest } from '../core/completion.ts';
import { type ErrorBody, SluiceError } from '../core/errors.ts';
import { identityOf, isTerminal, type Outcome } from '../core/job.ts';
import type { LogEntry } from '../core/log-entry.ts';
import { ORIGIN } from '../core/offset.ts';
import { goneSignal, whenGone } from './gone-signal.ts';
import { cancelJob, requireJob } from './job-access.ts';
import { sendJobError } from './middleware/errors.ts';
import type { ApiParts } from './parts.ts';
import { rebuildExpiredLog } from './replay.ts';
import type { SseResponse } from './sse-response.ts';
import type { Accepted } from './submission.ts';
import { ChunkWriter } from './surfaces/chat.ts';

/** Ms that a stream's status line waits for its first delta, so that an early failure gets its own status. */
const HOLD_HEADERS = 2000;

const LOG_GONE = new SluiceError('log_expired', 'The log of this job was removed while it was read.').body;

export interface CompletionCall {
  readonly accepted: Accepted;
  readonly request: CompletionRequest;
  /** A client that goes away before the end takes its job with it. */
  readonly cancelOnDisconnect: boolean;
}

/** Answers a chat completion request whose job has been accepted: streamed, or whole. */
export async function handleCompletion(
  parts: ApiParts,
  call: CompletionCall,
  response: Response,
): Promise<void> {
  const { job, replayed } = call.accepted;
  response.setHeader('x-sluice-job-id', job.id);
  if (replayed) response.setHeader('Idempotent-Replayed', 'true');
  if (call.cancelOnDisconnect) cancelWhenGone(parts, job.id, response);
  if (call.request.stream) await streamCompletion(parts, call, response);
  else await wholeCompletion(parts, call, response);
}

async function wholeCompletion(
  parts: ApiParts,
  { accepted }: CompletionCall,
  response: Response,
): Promise<void> {
  const { id } = accepted.job;
  const signal = goneSignal(response, parts.closing);
  const settled = await parts.store.waitSettled(id, signal);
  if (!settled) {
    if (parts.closing.begun) throw goesOn(id, 'Sluice is shutting down');
    return;
  }
  const job = await requireJob(parts.store, id);
  if (job.error !== null) sendJobError(response, job.error);
  else response.json(await parts.store.jobs.result(id));
}

async function streamCompletion(parts: ApiParts, call: CompletionCall, response: Response): Promise<void> {
  const { job, replayed } = call.accepted;
  const earlier = replayed ? await requireJob(parts.store, job.id) : null;
  const rebuilt = earlier && (await rebuildExpiredLog(parts, earlier));
  const includeUsage = call.request.stream_options?.include_usage === true;
  const stream = parts.streams.open(response);
  const chunks = new ChunkWriter(identityOf(earlier ?? job), { includeUsage });
  const session = new ChatStream(job.id, stream, response, chunks);
  const hold = setTimeout(() => stream.flushHeaders(), HOLD_HEADERS);
  try {
    const entries =
      rebuilt ?? parts.store.follow(job.id, { after: ORIGIN, signal: stream.gone, fresh: !replayed });
    for await (const entry of entries) {
      const full = session.write(entry);
      if (full === 'ended') return;
      if (full) await full;
    }
    if (parts.closing.begun) session.fail(goesOn(job.id, 'Sluice is shutting down').body);
    else if (!stream.gone.aborted) session.fail(LOG_GONE);
  } finally {
    clearTimeout(hold);
  }
}

/** One job's log as a chat completion stream: no word for attempts, so text that cannot go on ends in an error. */
class ChatStream {
  readonly #jobId: string;
  readonly #stream: SseResponse;
  readonly #response: Response;
  readonly #chunks: ChunkWriter;
  readonly #started = new Set<number>();
  #textSent = false;

  constructor(jobId: string, stream: SseResponse, response: Response, chunks: ChunkWriter) {
    this.#jobId = jobId;
    this.#stream = stream;
    this.#response = response;
    this.#chunks = chunks;
  }

  write(entry: LogEntry): Promise<void> | null | 'ended' {
    switch (entry.kind) {
      case 'deltas':
        return this.#stream.write(this.#frames(entry));
      case 'attempt':
      case 'retry':
        if (!this.#textSent) return null;
        this.fail(goesOn(this.#jobId, 'The attempt that produced this text ended early').body);
        return 'ended';
      case 'end':
        this.#end(entry.outcome);
        return 'ended';
    }
  }

  /** In-band once the status line is out, else with the error's own status. */
  fail(error: ErrorBody): void {
    if (this.#stream.headersSent) this.#stream.end(`data: ${JSON.stringify({ error })}\n\n`);
    else sendJobError(this.#response, error);
  }

  #frames(entry: Extract<LogEntry, { kind: 'deltas' }>): string {
    let frames = '';
    for (const delta of entry.deltas) {
      if (delta.type === 'start') {
        // A second attempt begins its choices again; to this client they have begun.
        if (this.#started.has(delta.choice)) continue;
        this.#started.add(delta.choice);
      } else {
        this.#textSent = true;
      }
      const chunk = this.#chunks.write(delta);
      if (chunk !== null) frames += `data: ${chunk}\n\n`;
    }
    return frames;
  }

  #end(outcome: Outcome): void {
    if (outcome.error !== null) this.fail(outcome.error);
    else this.#stream.end('data: [DONE]\n\n');
  }
}

function goesOn(jobId: string, why: string): SluiceError {
  return new SluiceError(
    'attempt_interrupted',
    `${why}; the job goes on. Follow GET /v1/jobs/${jobId}/events or poll GET /v1/jobs/${jobId}.`,
  );
}

function cancelWhenGone(parts: ApiParts, jobId: string, response: Response): void {
  whenGone(response, () => {
    if (response.writableFinished || parts.closing.begun) return;
    void cancelAbandoned(parts, jobId);
  });
}

async function cancelAbandoned(parts: ApiParts, jobId: string): Promise<void> {
  try {
    const job = await parts.store.jobs.get(jobId);
    if (job !== null && !isTerminal(job.status)) await cancelJob(parts, job);
  } catch (error) {
    parts.logger.warn({ err: error, jobId }, 'could not cancel the job of a client that went away');
  }
}
