import type { ErrorBody } from '../../../core/errors.ts';
import { Fold } from '../../../core/fold.ts';
import { identityOf, type Outcome } from '../../../core/job.ts';
import type { Fields } from '../../../core/json.ts';
import type { LogEntry } from '../../../core/log-entry.ts';
import { ATTEMPT_ENDED, SHUTTING_DOWN } from '../../interrupted.ts';
import { FROM_THE_BEGINNING, type StreamStart } from '../../stream-start.ts';
import type { StreamedJob, SurfaceStream } from '../../surface.ts';
import { outputOf } from '../answer/output.ts';
import { isWhole, NOTHING, type Progress, writeResponse } from '../answer/response.ts';
import { isBackground, type ReasoningTerms, reasoningTerms } from '../echo.ts';
import { ItemIds } from '../ids.ts';
import { Events } from './events.ts';
import { interruption } from './interruption.ts';
import { OutputStream } from './output-stream.ts';

interface Attempt {
  readonly epoch: number;
  readonly fold: Fold;
  readonly output: OutputStream;
  readonly terms: ReasoningTerms;
}

/**
 * A job's log as the events of a response. What it writes depends on the log alone; where its reader begins decides only
 * which of it the reader gets, and whether it ends at an attempt that broke off: see decision 20.
 */
export class ResponseStream implements SurfaceStream {
  readonly #job: StreamedJob;
  readonly #echo: Fields;
  readonly #start: StreamStart;
  readonly #events: Events;
  #attempt: Attempt | null = null;
  /** Events that wait for the first output: until then, a failure of a response in the foreground has its own status. */
  #held = '';
  #ended = false;

  constructor(job: StreamedJob, echo: Fields, start: StreamStart = FROM_THE_BEGINNING) {
    this.#job = job;
    this.#echo = echo;
    this.#start = start;
    this.#events = new Events(start.after ?? -1);
  }

  get ended(): boolean {
    return this.#ended;
  }

  begin(): string {
    if (!isBackground(this.#echo)) return this.#snapshot('response.created', 'in_progress');
    return this.#snapshot('response.created', 'queued') + this.#snapshot('response.queued', 'queued');
  }

  write(entry: LogEntry): string {
    switch (entry.kind) {
      case 'deltas':
        return this.#released(this.#deltas(entry));
      case 'attempt':
        return this.#begin(entry.attempt);
      case 'retry':
        // What it has said stands until another attempt begins: the job may be cancelled before.
        return '';
      case 'end':
        return this.#end(entry.outcome);
    }
  }

  /** Not an event of the log, so it bears the number of the last one that the reader has, and is to go on behind. */
  fail(error: ErrorBody): string {
    this.#ended = true;
    const number = Math.max(this.#events.last, this.#start.after ?? 0);
    const isInterruption = error.code === 'attempt_interrupted';
    const said = isInterruption ? interruption(this.#job, this.#echo, number, SHUTTING_DOWN) : error;
    const fields = { type: 'error', sequence_number: number, error: said };
    return `${this.#released('')}event: error\ndata: ${JSON.stringify(fields)}\n\n`;
  }

  #begin({ epoch }: { readonly epoch: number }): string {
    const before = this.#attempt;
    const isFirst = before === null;
    const hasSaid = before !== null && !before.output.isEmpty;
    const broken = hasSaid ? this.#breakOff() : '';
    if (this.#ended) return broken;
    const terms = reasoningTerms(this.#echo);
    const output = new OutputStream(this.#events, new ItemIds(this.#job.id, epoch), terms);
    this.#attempt = { epoch, fold: new Fold(), output, terms };
    this.#events.muted = false;
    if (isFirst || hasSaid) this.#held += this.#snapshot('response.in_progress', 'in_progress');
    this.#events.muted = this.#start.after === null && epoch < this.#start.epoch;
    return isBackground(this.#echo) ? this.#released('') : '';
  }

  #deltas({ deltas }: Extract<LogEntry, { kind: 'deltas' }>): string {
    const { fold, output } = this.#attempt ?? {};
    if (fold === undefined || output === undefined) return '';
    let frames = '';
    for (const delta of deltas) {
      fold.add(delta);
      frames += output.write(delta);
    }
    return frames;
  }

  /** An attempt with text was not the last: whoever has its text cannot go on in this stream. */
  #breakOff(): string {
    const number = this.#events.last + 1;
    const error = interruption(this.#job, this.#echo, number, ATTEMPT_ENDED);
    const frame = this.#events.writeFields('error', { error });
    this.#ended = frame !== '';
    return this.#released(frame);
  }

  #end({ status, usage, finish_reason: finishReason, error, finished_at: finishedAt }: Outcome): string {
    this.#ended = true;
    const { frames, output, serviceTier } = this.#close(isWhole({ status, finishReason }));
    this.#events.muted = false;
    const progress = { status, output, usage, finishReason, error, finishedAt, serviceTier };
    const last = this.#snapshot(terminalEvent(progress), status, progress);
    return this.#released(frames + last);
  }

  #close(whole: boolean): { frames: string; output: Fields[]; serviceTier: string | null } {
    if (this.#attempt === null) return { frames: '', output: [], serviceTier: null };
    const { epoch, fold, output, terms } = this.#attempt;
    const completion = fold.completion(identityOf(this.#job));
    const ids = new ItemIds(this.#job.id, epoch);
    const closed = output.end(outputOf(completion, { ...terms, ids, whole }));
    return { ...closed, serviceTier: fold.serviceTier };
  }

  #snapshot(type: string, status: Progress['status'], progress = NOTHING): string {
    return this.#events.writeFields(type, {
      response: writeResponse(this.#job, this.#echo, { ...progress, status }),
    });
  }

  #released(frames: string): string {
    if (this.#held === '' || (frames === '' && !isBackground(this.#echo) && !this.#ended)) return frames;
    const held = this.#held;
    this.#held = '';
    return held + frames;
  }
}

/** There is no event for a cancelled response: as the client knows by its status, it is one that is not whole. */
function terminalEvent(progress: Progress): string {
  if (progress.status === 'failed' || progress.status === 'expired') return 'response.failed';
  return isWhole(progress) ? 'response.completed' : 'response.incomplete';
}
