import { styleText } from 'node:util';
import ora from 'ora';
import { printable, printableJson, printableWithColours } from './printable.ts';

type Style = Parameters<typeof styleText>[0];

/** Where a command writes: its result to standard output, everything about it to standard error. */
export class Terminal {
  /** Whether somebody looks at the result as it is written. */
  readonly live: boolean = process.stdout.isTTY === true;
  /** Whether somebody looks at what is said besides, where a line can be drawn again. CI shows logs. */
  readonly watched: boolean =
    process.stderr.isTTY === true && process.env.TERM !== 'dumb' && !('CI' in process.env);

  /** What people read of the result. */
  write(text: string): void {
    process.stdout.write(printableWithColours(text));
  }

  /** Of an answer: as it is into a pipe or a file, and so that it can be shown to who looks at it. */
  answer(text: string): void {
    process.stdout.write(this.live ? printable(text) : text);
  }

  line(text = ''): void {
    this.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(printableJson(value, this.live ? 2 : undefined));
  }

  /** One of many values, on a line of its own. */
  jsonLine(value: unknown): void {
    this.line(printableJson(value));
  }

  /** Something about the result. */
  note(text: string): void {
    process.stderr.write(`${printableWithColours(text)}\n`);
  }

  /** Coloured where standard output is a terminal, and NO_COLOR is not set. */
  style(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout });
  }

  /** The same for standard error. */
  noteStyle(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stderr });
  }

  /** A line that changes until it is stopped; silent where nobody watches. */
  activity(text: string): Activity {
    if (!this.watched) return { update: () => {}, stop: () => {} };
    // Standard input stays as it is: ctrl-C has to come as the signal that it is.
    const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
    return {
      update: (next) => {
        spinner.text = next;
      },
      stop: () => {
        // Stopping clears the line, which is another's by the second time.
        if (spinner.isSpinning) spinner.stop();
      },
    };
  }
}

/** A line that says what is going on. */
export interface Activity {
  update(text: string): void;
  stop(): void;
}
