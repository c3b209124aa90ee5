import type {
  AttemptEvent,
  ChatCompletionChunk,
  JobDelta,
  JobStream,
  StreamOptions,
} from '../client/index.ts';
import { stream_chunk_builder } from '../client/index.ts';
import { printable } from './printable.ts';
import type { Session } from './session.ts';

/** How a job that was followed to its end is shown. */
export interface Printing {
  /** As lines of JSON, an event each. */
  readonly events?: boolean;
  readonly signal?: AbortSignal;
  readonly after?: string | undefined;
}

/**
 * Prints a job's answer: as it comes where somebody looks, and only once it is whole where it goes into a pipe or a file,
 * because what is written there cannot be taken back when another attempt begins.
 */
export async function printAnswer(
  { terminal }: Session,
  open: (options: StreamOptions) => JobStream,
  { events = false, signal, after }: Printing = {},
): Promise<string> {
  const printer = events
    ? new EventLines(terminal)
    : terminal.live
      ? new LiveText(terminal)
      : new WholeText(terminal);
  const waiting = terminal.activity('waiting for the first delta');
  try {
    const stream = open({
      signal,
      after,
      onAttempt: (attempt) => printer.attempt(attempt),
      onRetry: ({ error, at }) => {
        const seconds = Math.max(0, Math.round(at - Date.now() / 1000));
        terminal.note(
          terminal.noteStyle(
            'yellow',
            `The attempt ended: ${printable(error.message)} The next begins in ${seconds} s.`,
          ),
        );
      },
    });
    for await (const delta of stream) {
      if (delta.text !== '') waiting.stop();
      printer.delta(delta);
    }
    waiting.stop();
    if (stream.outcome !== null) printer.end(stream.outcome);
    return printer.text;
  } finally {
    waiting.stop();
    printer.stop();
  }
}

/** What all ways of printing have in common: the text of the current attempt. */
abstract class Printer {
  text = '';
  protected readonly terminal: Session['terminal'];

  constructor(terminal: Session['terminal']) {
    this.terminal = terminal;
  }

  attempt(_attempt: AttemptEvent): void {
    this.text = '';
  }

  delta({ text }: JobDelta): void {
    this.text += text;
  }

  end(_outcome: object): void {}

  stop(): void {}
}

class LiveText extends Printer {
  readonly #calls: ChatCompletionChunk[] = [];
  #thinking = false;

  override attempt(attempt: AttemptEvent): void {
    if (this.text !== '') {
      const notice = printable(
        `— attempt ${attempt.epoch} begins anew, with ${attempt.provider}/${attempt.model} —`,
      );
      this.terminal.line(`\n${this.terminal.style('yellow', notice)}`);
    }
    super.attempt(attempt);
    this.#calls.length = 0;
  }

  override delta(delta: JobDelta): void {
    super.delta(delta);
    const [choice] = delta.chunk.choices;
    const thought = choice?.delta.reasoning_content;
    if (choice?.delta.tool_calls) this.#calls.push(delta.chunk);
    if (thought) this.terminal.write(this.terminal.style('dim', printable(thought)));
    if (delta.text !== '' && this.#thinking) this.terminal.write('\n\n');
    this.#thinking = thought !== undefined || (this.#thinking && delta.text === '');
    this.terminal.answer(delta.text);
  }

  override end(): void {
    const message = stream_chunk_builder(this.#calls)?.choices[0]?.message;
    for (const { function: called } of message?.tool_calls ?? []) {
      this.terminal.write(this.terminal.style('cyan', `\n→ ${called.name}(${called.arguments})`));
    }
  }

  override stop(): void {
    if (this.text !== '' && !this.text.endsWith('\n')) this.terminal.line();
  }
}

class WholeText extends Printer {
  override end(): void {
    this.terminal.answer(this.text === '' || this.text.endsWith('\n') ? this.text : `${this.text}\n`);
  }
}

class EventLines extends Printer {
  override attempt(attempt: AttemptEvent): void {
    super.attempt(attempt);
    this.#write({ event: 'attempt', ...attempt });
  }

  override delta(delta: JobDelta): void {
    super.delta(delta);
    this.#write({ event: 'delta', offset: delta.offset, data: delta.chunk });
  }

  override end(outcome: object): void {
    this.#write({ event: 'end', ...outcome });
  }

  #write(value: object): void {
    this.terminal.jsonLine(value);
  }
}
