import type { Delta } from '../../core/delta.ts';
import { SluiceError } from '../../core/errors.ts';
import { readErrorBody, readErrorText } from '../errors/error-body.ts';
import { errorFromPayload, quote } from '../errors/upstream-error.ts';
import type { Framing, FramingSink } from '../transport/framing.ts';
import type { StreamDecoder } from '../transport/http-client.ts';
import type { Answer } from './answer.ts';
import { isHalfObject } from './half-json.ts';

/** Reads the messages of one answer in one wire format, and says to its {@link Answer} what they hold. */
export interface AnswerReader {
  /** True where messages are text, JSON or not: all of them go to `onText`, errors too. */
  readonly plainText?: boolean;
  /** True where a message with usage may follow an error: the failure waits for it, or for the end. */
  readonly usageFollowsErrors?: boolean;
  /** True while every choice has come to an end that the reader still holds back, in case more follows. */
  readonly complete?: boolean;
  /** One message of a stream: a JSON object, as far as a server can be trusted. */
  onMessage(payload: object, event: string | null): void;
  /** A message that is not JSON, for the formats that have such. Others leave it to be refused. */
  onText?(text: string, event: string | null): void;
  /** An answer in one piece, from a server or a model that does not stream; by default read as a message. */
  onWhole?(payload: object): void;
  /** A message that tells an error, before it breaks the answer off: what else it says, such as usage. */
  onError?(payload: object): void;
  /** The last chance before the answer is judged. `terminated`: `[DONE]` or its like has been seen. */
  onEnd?(terminated: boolean): void;
}

/** How much text outside any message is kept, in case it turns out to be an error, in characters. */
const LONGEST_STRAY = 64 * 1024;

/** Bytes in, deltas out: a framing cuts the messages, a format's reader says what they mean. */
export class AnswerDecoder implements StreamDecoder, FramingSink {
  readonly #answer: Answer;
  readonly #reader: AnswerReader;
  readonly #framing: Framing;
  #stray = '';
  /** An error that waits for its usage. */
  #waiting: object | null = null;
  #cutOff = false;
  #ended = false;

  constructor(answer: Answer, reader: AnswerReader, framing: (sink: FramingSink) => Framing) {
    this.#answer = answer;
    this.#reader = reader;
    this.#framing = framing(this);
  }

  get deltas(): Delta[] {
    return this.#answer.deltas;
  }

  get failure(): SluiceError | null {
    return this.#answer.failure;
  }

  get done(): boolean {
    return this.#answer.done;
  }

  get complete(): boolean {
    return this.#answer.complete || this.#reader.complete === true;
  }

  feed(bytes: Uint8Array): void {
    if (this.failure === null) this.#framing.feed(bytes);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.done && this.failure === null) {
      this.#cutOff = true;
      this.#framing.end();
    }
    if (this.#waiting !== null) this.onError(this.#waiting);
    if (this.failure !== null) return;
    this.#judgeStray();
    if (this.failure !== null) return;
    try {
      this.#reader.onEnd?.(this.done);
    } catch (thrown) {
      this.#unreadable('', thrown);
    }
    this.#answer.end();
  }

  onMessage(data: string, event: string | null): void {
    if (this.done || this.failure !== null) return;
    try {
      this.#readMessage(data, event);
    } catch (thrown) {
      this.#unreadable(data, thrown);
    }
  }

  onWhole(data: string): void {
    try {
      this.#readWhole(data);
    } catch (thrown) {
      this.#unreadable(data, thrown);
    }
  }

  #readMessage(data: string, event: string | null): void {
    if (this.#reader.plainText) {
      this.#reader.onText?.(data, event);
      return;
    }
    if (data === '[DONE]') {
      this.#answer.done = true;
      return;
    }
    const payload = parsed(data);
    if (typeof payload === 'object' && payload !== null) this.#onPayload(payload, event);
    else if (event === 'error') this.onError(data);
    else if (this.#reader.onText) this.#reader.onText(data, event);
    else if (data.trim() !== '' && !this.#cutOff) {
      // Half a message at the end of a stream is a truncation, which `end` tells from a mere trailer.
      this.#answer.invalid(`sent an event that is not JSON: ${quote(data)}`);
    }
  }

  #readWhole(data: string): void {
    const payload = parsed(data);
    if (typeof payload !== 'object' || payload === null) {
      // Half an answer is a truncation, as `end` finds.
      if (!isHalfObject(data)) {
        this.#answer.invalid(`answered with something that is not JSON: ${quote(data)}`);
      }
      return;
    }
    const bare = 'error' in payload && payload.error;
    if (bare) this.#onPayload(payload, null);
    else if (this.#reader.onWhole) this.#reader.onWhole(payload);
    else this.#reader.onMessage(payload, null);
    if (this.failure !== null || this.#answer.begun) return;
    const told = readErrorBody(payload) ? errorFromPayload(this.#answer.provider, payload) : null;
    if (told) this.#answer.fail(told);
    else this.#answer.invalid(`answered with something else than an answer: ${quote(data.trim())}`);
  }

  onError(payload: unknown): void {
    this.#answer.fail(errorFromPayload(this.#answer.provider, payload));
  }

  /** llama.cpp writes `error: {…}` where `data:` belongs; gateways write an error with no framing at all. */
  onStray(line: string): void {
    if (this.done || this.failure !== null) return;
    if (line.startsWith('error:')) {
      const text = line.slice('error:'.length).trim();
      this.onError(parsed(text) ?? text);
    } else if (this.#stray.length + line.length <= LONGEST_STRAY) {
      this.#stray += `${line}\n`;
    }
  }

  onBroken(what: string): void {
    this.#answer.invalid(what);
  }

  #onPayload(payload: object, event: string | null): void {
    if (this.#waiting !== null) {
      this.#reader.onError?.(payload);
      this.onError(this.#waiting);
    } else if (event === 'error' || ('error' in payload && payload.error)) {
      this.#reader.onError?.(payload);
      const usageIsHere = 'usage' in payload && payload.usage;
      if (this.#reader.usageFollowsErrors && !usageIsHere) this.#waiting = payload;
      else this.onError(payload);
    } else {
      this.#reader.onMessage(payload, event);
    }
  }

  /** A server sent something of a shape that no reader expects: its fault, which must not look like ours. */
  #unreadable(data: string, cause: unknown): void {
    const message = `${this.#answer.provider} sent an answer that cannot be read: ${quote(data)}`;
    this.#answer.fail(new SluiceError('upstream_invalid_response', message, { cause }));
  }

  #judgeStray(): void {
    if (this.#stray === '') return;
    if (readErrorText(this.#stray)) this.onError(parsed(this.#stray));
    else if (!this.#answer.begun) {
      this.#answer.invalid(`sent something else than events: ${quote(this.#stray.trim())}`);
    }
  }
}

/** The JSON value, or the text itself where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
