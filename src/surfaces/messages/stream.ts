import type { Usage } from '../../core/completion.ts';
import type { Delta } from '../../core/delta.ts';
import type { ErrorBody } from '../../core/errors.ts';
import type { Outcome } from '../../core/job.ts';
import type { LogEntry } from '../../core/log-entry.ts';
import { ATTEMPT_ENDED, goesOn } from '../interrupted.ts';
import type { StreamedJob, SurfaceStream } from '../surface.ts';
import { ownBlocks } from './block.ts';
import { BlockEvents } from './block-events.ts';
import { ContentBlocks } from './content-blocks.ts';
import { contextManagementIn, NO_ENDING, writeEnding } from './ending.ts';
import { messagesError } from './error.ts';
import { emptyMessage } from './message.ts';
import { writeUsage } from './usage.ts';

/**
 * A job's log as Anthropic's stream of one message. The message begins with the first piece of content, so that an attempt
 * which fails before leaves no trace; it has no word for a second attempt, so text that cannot go on ends in an error.
 */
export class MessagesStream implements SurfaceStream {
  readonly #job: StreamedJob;
  readonly #events = new BlockEvents();
  readonly #content = new ContentBlocks(this.#events);
  #begun = false;
  #ended = false;
  #usage: Usage | null = null;
  #tier: string | undefined;
  #ending = NO_ENDING;

  constructor(job: StreamedJob) {
    this.#job = job;
  }

  get ended(): boolean {
    return this.#ended;
  }

  begin(): string {
    return '';
  }

  write(entry: LogEntry): string {
    switch (entry.kind) {
      case 'deltas':
        return this.#deltas(entry.deltas);
      case 'attempt':
      case 'retry':
        return this.#restart();
      case 'end':
        return entry.outcome.error === null ? this.#end(entry.outcome) : this.fail(entry.outcome.error);
    }
  }

  fail(error: ErrorBody): string {
    this.#ended = true;
    return event('error', messagesError(error));
  }

  #restart(): string {
    if (this.#begun) return this.fail(goesOn(this.#job.id, ATTEMPT_ENDED).body);
    this.#usage = null;
    this.#tier = undefined;
    this.#ending = NO_ENDING;
    return '';
  }

  #deltas(deltas: readonly Delta[]): string {
    let started = '';
    for (const delta of deltas) {
      this.#delta(delta);
      if (!this.#begun && this.#content.begun) started = this.#start();
    }
    return started + this.#events.take();
  }

  /** Of several choices, which Anthropic's clients cannot ask for, the first. */
  #delta(delta: Delta): void {
    if (delta.type === 'usage') {
      this.#usage = delta.usage;
      return;
    }
    if (delta.choice !== 0) return;
    switch (delta.type) {
      case 'start':
        this.#tier ??= delta.service_tier;
        break;
      case 'provider_specific':
        this.#ending = { ...this.#ending, specific: { ...this.#ending.specific, ...delta.fields } };
        break;
      case 'finish':
        this.#ending = { ...this.#ending, reason: delta.reason, native: delta.native };
        break;
      default:
        this.#content.add(delta);
    }
  }

  #start(): string {
    this.#begun = true;
    const usage = writeUsage(this.#usage, this.#tier);
    const message = emptyMessage(this.#job, usage, this.#ending.specific);
    return event('message_start', { type: 'message_start', message });
  }

  #end({ usage }: Outcome): string {
    this.#ended = true;
    const started = this.#begun ? '' : this.#start();
    for (const block of ownBlocks(this.#ending.specific)) this.#content.addWhole(block);
    this.#content.end();
    const last = {
      type: 'message_delta',
      delta: writeEnding(this.#ending),
      ...contextManagementIn(this.#ending),
      usage: writeUsage(this.#usage ?? usage, this.#tier),
    };
    const stop = event('message_stop', { type: 'message_stop' });
    return started + this.#events.take() + event('message_delta', last) + stop;
  }
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
