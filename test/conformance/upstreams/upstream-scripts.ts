import type { Deployment } from '../../../src/config/config.ts';
import type { Format } from '../../../src/providers/formats/format.ts';
import type { Aside, Step } from '../../support/upstream-server.ts';

/** What every scripted answer says, and what every provider must make of it: two bytes, three, and four a character. */
export const TEXT = 'Grüße, 世界 🙂';

/** One answer as its provider sends it. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The pieces in which it is sent; `hang` stays silent from there on. */
  readonly steps: readonly Step[];
}

/** How one provider's upstream behaves, written out in its own wire format. */
export interface UpstreamScripts {
  /** The model to ask for, so that the provider speaks this format. */
  readonly model: string;
  /** What the deployment needs besides an address and a key. */
  readonly deployment?: Partial<Deployment>;
  readonly format: Format;
  /** What answers the calls that the provider makes beside the one for its answer, to an upstream at `base`. */
  asides?(base: string): readonly Aside[];
  /** The media type of a streamed answer. */
  readonly contentType: string;
  /** False where an answer comes in one piece: nothing of it is known before its end. */
  readonly streams?: boolean;
  /** {@link TEXT} and a clean end with usage. At least one piece for the start, one for the text, and one for the end. */
  readonly answer: readonly (string | Uint8Array)[];
  /** {@link TEXT} in choices 0 and 1; null where a provider cannot be asked for two. */
  readonly twoChoices: readonly (string | Uint8Array)[] | null;
  /** No text, a clean end with usage. */
  readonly empty: readonly (string | Uint8Array)[];
  /** The beginning of `answer`: {@link TEXT} has come, the end has not. */
  readonly cut: readonly (string | Uint8Array)[];
  /** {@link TEXT}, then the provider's way of saying, within the stream, that it is overloaded; null without one. */
  readonly overloaded: readonly (string | Uint8Array)[] | null;
  /** A tool call `look({"at": TEXT})`, then one `stop()` without arguments, and a clean end; null without tools. */
  readonly tools: readonly (string | Uint8Array)[] | null;
  /** The body with which it answers a request that failed with this status. */
  errorBody(status: number, message: string): string;
}
