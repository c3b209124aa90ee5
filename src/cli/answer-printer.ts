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
import type { Activity } from './terminal.ts';

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
  const waiting = terminal.activity('waiting for the first delta');
  const Kind = events ? EventLines : terminal.live ? LiveText : WholeText;
  const printer = new Kind(terminal, waiting);
  try {
    const stream = open({
      signal,
      after,
      onAttempt: (attempt) => printer.attempt(attempt),
      onRetry: ({ error, at }) => {
        printer.pause();
        const seconds = Math.max(0, Math.round(at - Date.now() / 1000));
        terminal.note(
          terminal.noteStyle(
            'yellow',
            `The attempt ended: ${printable(error.message)} The next begins in ${seconds} s.`,
          ),
        );
      },
    });
    for await (const delta of stream) printer.delta(delta);
    if (stream.outcome !== null) printer.end(stream.outcome);
    return printer.text;
  } finally {
    printer.pause();
  }
}

/** What all ways of printing have in common: the text of the current attempt. */
abstract class Printer {
  text = '';
  protected readonly terminal: Session['terminal'];
  /** Stopped before anything else is shown. */
  protected readonly waiting: Activity;

  constructor(terminal: Session['terminal'], waiting: Activity) {
    this.terminal = terminal;
    this.waiting = waiting;
  }

  attempt(_attempt: AttemptEvent): void {
    this.text = '';
  }

  delta({ text }: JobDelta): void {
    this.text += text;
  }

  end(_outcome: object): void {}

  /** Makes room for something else, on a line of its own. */
  pause(): void {
    this.waiting.stop();
  }
}

class LiveText extends Printer {
  readonly #calls: ChatCompletionChunk[] = [];
  #thinking = false;
  /** Whether something has been shown of this attempt, and whether its line has not ended. */
  #shown = false;
  #open = false;

  override attempt(attempt: AttemptEvent): void {
    if (this.#shown) {
      this.pause();
      const notice = `— attempt ${attempt.epoch} begins anew, with ${attempt.provider}/${attempt.model} —`;
      this.terminal.line(this.terminal.style('yellow', printable(notice)));
    }
    super.attempt(attempt);
    this.#calls.length = 0;
    this.#thinking = false;
    this.#shown = false;
  }

  override delta(delta: JobDelta): void {
    super.delta(delta);
    const [choice] = delta.chunk.choices;
    const thought = choice?.delta.reasoning_content ?? '';
    if (choice?.delta.tool_calls) this.#calls.push(delta.chunk);
    if (thought !== '') this.#show(thought, (text) => this.terminal.style('dim', text));
    if (delta.text !== '') this.#show(this.#thinking ? `\n\n${delta.text}` : delta.text);
    this.#thinking = delta.text === '' && (thought !== '' || this.#thinking);
  }

  override end(): void {
    const message = stream_chunk_builder(this.#calls)?.choices[0]?.message;
    this.pause();
    for (const { function: called } of message?.tool_calls ?? []) {
      const call = printable(`→ ${called.name}(${called.arguments})`);
      this.terminal.line(this.terminal.style('cyan', call));
    }
  }

  override pause(): void {
    super.pause();
    if (this.#open) this.terminal.line();
    this.#open = false;
  }

  #show(text: string, style = (plain: string) => plain): void {
    this.waiting.stop();
    this.terminal.write(style(printable(text)));
    this.#shown = true;
    this.#open = !text.endsWith('\n');
  }
}

class WholeText extends Printer {
  override end(): void {
    this.pause();
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
    this.pause();
    this.terminal.jsonLine(value);
  }
}
