import type { ChatCompletion, ChatCompletionChunk } from '../types.ts';
import type { CompletionOptions } from './completion-options.ts';
import type { CallReport } from './logged-call.ts';

/** A request as it goes out: without the options of the call. */
export type RequestBody = Readonly<Record<string, unknown>> & {
  readonly model: string;
  readonly messages: readonly unknown[];
};

/** A chunk, and the number of the attempt that it is of, from 1. */
export interface RunChunk {
  readonly epoch: number;
  readonly chunk: ChatCompletionChunk;
}

/** One call under way, by a server or in this process. Either `chunks` or `whole` is asked for, once. */
export interface Run {
  /** Resolves once the request is accepted; rejects with why it is not. */
  readonly accepted: Promise<unknown>;
  /** The chunks as they come, those of usage included. Leaving early ends the run, by its options. */
  chunks(): AsyncGenerator<RunChunk, void, undefined>;
  whole(): Promise<ChatCompletion>;
  /** Neither will be asked for. */
  leave(): void;
  /** What is known of it once it is over. Never rejects. */
  report(): Promise<CallReport>;
}

/** What carries out requests. */
export type StartRun = (body: RequestBody, options: CompletionOptions) => Run;
