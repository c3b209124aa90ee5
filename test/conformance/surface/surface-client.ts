import { decodeEvents, type IncomingEvent } from '../../../src/core/sse.ts';

/** How an answer ended, in one set of words for all surfaces. `failed`: it says so in-band. `cut`: it says nothing. */
export type End = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'failed' | 'cancelled' | 'cut';

/** What an answer said, whichever surface wrote it. */
export interface Said {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly end: End;
  /** The message of an in-band error. */
  readonly error: string | null;
}

export type Ability = 'reasoning' | 'tools' | 'refusal';

// biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as their clients would
type Json = any;

/** A surface as its clients see it: how a request is written, and what an answer means. */
export interface SurfaceClient {
  readonly name: string;
  readonly path: string;
  /** What its answers have a place for, besides text. */
  readonly abilities: ReadonlySet<Ability>;
  /** A request for the scripted provider. */
  body(mock: object, changes?: object): object;
  readWhole(answer: Json): Said;
  /** Reads a stream's events, which must be all of them. */
  readStream(events: readonly IncomingEvent[]): Said;
  /** An error's message, if it has the shape of the surface's errors. */
  errorMessage(answer: Json): string;
}

export const NOTHING: Said = { text: '', reasoning: '', refusal: '', calls: [], end: 'cut', error: null };

/** The events of a stream's bytes. */
export function eventsIn(bytes: string): IncomingEvent[] {
  const events: IncomingEvent[] = [];
  decodeEvents({ onEvent: (event) => events.push(event) }).feed(bytes);
  return events;
}

export function openAiErrorMessage({ error }: Json): string {
  if (Object.keys(error).sort().join() !== 'code,message,param,type') throw new Error(JSON.stringify(error));
  return error.message;
}
