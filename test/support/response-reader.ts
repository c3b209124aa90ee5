import { decodeEvents } from '../../src/core/sse.ts';
import type { StreamedEvent } from './response-log.ts';

/**
 * A client that follows a response to its terminal event, however often its stream ends: it goes on behind the last event
 * that it has, as OpenAI's documentation says. It holds every event against the rules of attempts.
 */
export class ResponseReader {
  readonly events: StreamedEvent[] = [];
  /** The text of each attempt that it has seen, in order. */
  readonly texts: string[] = [];
  connections = 0;

  get last(): StreamedEvent | undefined {
    return this.events.at(-1);
  }

  get text(): string {
    return this.texts.at(-1) ?? '';
  }

  get id(): string {
    return this.events[0]?.response?.id ?? '';
  }

  get ended(): boolean {
    return /^response\.(completed|failed|incomplete)$/.test(this.last?.type ?? '');
  }

  /** Reads one stream until it ends, breaks off, or cannot be opened; true if there was one. */
  async read(url: string, request: RequestInit = {}): Promise<boolean> {
    const feeding = decodeEvents({ onEvent: ({ data }) => this.#take(JSON.parse(data)) });
    try {
      const response = await fetch(url, request);
      if (response.status !== 200 || response.body === null) return false;
      this.connections += 1;
      for await (const text of response.body.pipeThrough(new TextDecoderStream())) feeding.feed(text);
      return true;
    } catch (error) {
      if (error instanceof ContractBroken) throw error;
      return false;
    }
  }

  #take(event: StreamedEvent): void {
    const expected = (this.last?.sequence_number ?? -1) + 1;
    if (event.sequence_number !== expected) {
      throw new ContractBroken(`Event ${event.sequence_number} came where ${expected} is due.`);
    }
    this.events.push(event);
    if (event.type === 'response.in_progress') this.texts.push('');
    if (event.type !== 'response.output_text.delta') return;
    this.texts[this.texts.length - 1] = this.text + event.delta;
  }
}

class ContractBroken extends Error {}
