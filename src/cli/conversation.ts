import { createInterface } from 'node:readline';
import { APIError, type ChatMessage, type Job, NotFoundError } from '../client/index.ts';
import { printAnswer } from './answer-printer.ts';
import { EXIT, Exit } from './exit-codes.ts';
import { explain } from './failure.ts';
import { cost } from './format.ts';
import { cancelInterrupted, interruptible, untilSubmitted } from './interrupt.ts';
import { printable } from './printable.ts';
import type { AskOptions } from './prompt-input.ts';
import type { Session } from './session.ts';

const CHAT = '/v1/chat/completions';
/** What a job of a conversation says of the one before it. */
const PREVIOUS = 'sluice_previous_job';

/**
 * A conversation in a terminal. Each answer is a stored job, whose request is the conversation so far: so it can be found
 * again from any machine, by the id of any of its answers.
 */
export class Conversation {
  readonly #session: Session;
  readonly #options: AskOptions;
  readonly #messages: ChatMessage[] = [];
  readonly #history: string[] = [];
  #model = '';
  /** The last answer that completed; what `--resume` goes on from. */
  #last: string | null = null;

  constructor(session: Session, options: AskOptions) {
    this.#session = session;
    this.#options = options;
  }

  begin(model: string): void {
    this.#model = model;
    const { system } = this.#options;
    if (system !== undefined) this.#messages.push({ role: 'system', content: system });
    const { terminal } = this.#session;
    terminal.line(
      terminal.style('dim', `${printable(model)} at ${this.#session.client.baseURL}. Ctrl-D leaves.`),
    );
  }

  /** Shows the answer of an earlier job, to its end if it still runs, and goes on behind it. */
  async resume(jobId: string): Promise<void> {
    const { client, terminal } = this.#session;
    const job = await client.jobs.retrieve(jobId);
    if (job.data.url !== CHAT)
      throw new Exit(
        EXIT.usage,
        `${jobId} is a request to ${job.data.url}: only those to ${CHAT} are conversations.`,
      );
    this.#model = this.#options.model ?? job.data.model;
    terminal.line(terminal.style('dim', printable(`${job.id}, ${job.data.model}`)));
    await this.#follow(async () => job);
    const { status, metadata } = (await job.refresh()).data;
    // What an answer was asked is kept with those that completed.
    const known = status === 'completed' ? jobId : metadata?.[PREVIOUS];
    if (known !== undefined) await this.#recall(known);
  }

  /** Asks and answers, until the user leaves. */
  async talk(): Promise<void> {
    const { terminal } = this.#session;
    for (;;) {
      const asked = await this.#ask();
      if (asked === null || asked.trim() === '/exit') break;
      if (asked.trim() !== '') await this.#answer(asked);
    }
    if (this.#last !== null) {
      terminal.note(terminal.noteStyle('dim', `sluice chat --resume ${this.#last} goes on from here.`));
    }
  }

  /** The next question; null when there is none. Lines that are pasted together are one question, which enter ends. */
  #ask(): Promise<string | null> {
    const { terminal } = this.#session;
    const lines = createInterface({
      input: process.stdin,
      output: process.stdout,
      history: [...this.#history],
    });
    lines.setPrompt(terminal.style('green', '> '));
    lines.prompt();
    const pasted: string[] = [];
    return new Promise<string | null>((resolve) => {
      lines.on('line', (line) => {
        pasted.push(line);
        // What is pasted with it comes at once; its last line has no end yet, and may still be written on.
        setImmediate(() => {
          if (lines.line !== '') return;
          resolve(pasted.join('\n'));
          lines.close();
        });
      });
      // Behind ctrl-Z and fg it is paused, and nothing else would keep the process.
      lines.on('SIGCONT', () => lines.prompt(true));
      lines.once('SIGINT', () => lines.close());
      lines.once('close', () => resolve(null));
    }).then((line: string | null) => {
      if (line === null) terminal.line();
      else if (line.trim() !== '') this.#history.unshift(line.replaceAll('\n', ' '));
      return line;
    });
  }

  async #answer(content: string): Promise<void> {
    const { terminal } = this.#session;
    const question: ChatMessage = { role: 'user', content };
    const answer = await this.#follow(async () => {
      const job = await this.#submit(question);
      terminal.line(terminal.style('dim', job.id));
      return job;
    });
    if (answer !== null) this.#messages.push(question, { role: 'assistant', content: answer });
  }

  #submit(question: ChatMessage): Promise<Job> {
    const { temperature, maxTokens } = this.#options;
    return this.#session.client.jobs.submit({
      body: {
        model: this.#model,
        messages: [...this.#messages, question],
        store: true,
        ...(temperature !== undefined && { temperature }),
        ...(maxTokens !== undefined && { max_tokens: maxTokens }),
      },
      ...(this.#last !== null && { metadata: { [PREVIOUS]: this.#last } }),
    });
  }

  /** Prints an answer to its end; null where it did not come to one, which does not end the conversation. */
  #follow(open: () => Promise<Job>): Promise<string | null> {
    const { terminal } = this.#session;
    return interruptible(async (signal) => {
      let job: Job | null = null;
      try {
        const opened = await untilSubmitted(this.#session, signal, open());
        job = opened;
        const text = await printAnswer(this.#session, (options) => opened.stream(options), { signal });
        await this.#tellFacts(opened);
        this.#last = opened.id;
        return text;
      } catch (error) {
        if (signal.aborted && job !== null) {
          terminal.note(terminal.noteStyle('yellow', await cancelInterrupted(job)));
        } else if (error instanceof APIError) {
          terminal.note(terminal.noteStyle('red', explain(error).message));
        } else {
          throw error;
        }
        return null;
      }
    });
  }

  async #tellFacts(job: Job): Promise<void> {
    const { terminal } = this.#session;
    const { usage, cost: paid } = (await job.refresh()).data;
    const facts = [usage && `${usage.prompt_tokens} + ${usage.completion_tokens} tokens`, cost(paid)];
    terminal.line(terminal.style('dim', facts.filter(Boolean).join(', ')));
  }

  /** What was said up to an answer, and the answer. */
  async #recall(jobId: string): Promise<void> {
    const { client, terminal } = this.#session;
    try {
      for await (const { id: _, ...message } of client.jobs.messages(jobId))
        this.#messages.push(message as ChatMessage);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      terminal.note(
        terminal.noteStyle(
          'yellow',
          'What was asked before is not stored: it goes on from this answer alone.',
        ),
      );
    }
    const { data } = await client.jobs.retrieve(jobId);
    const content = data.result?.choices[0]?.message.content;
    if (content) this.#messages.push({ role: 'assistant', content });
    this.#last = jobId;
  }
}
