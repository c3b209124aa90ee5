import { Batches } from './batches/batches.ts';
import { Files } from './batches/files.ts';
import {
  type AsyncCompletionFunction,
  type CompletionFunction,
  createCompletions,
} from './completion/create-completions.ts';
import { RemoteRun } from './completion/remote-run.ts';
import type { Page } from './http/pages.ts';
import { Transport, type TransportOptions } from './http/transport.ts';
import { Jobs } from './jobs/jobs.ts';

/** How a client reaches its server; all of it has defaults. */
export type SluiceOptions = TransportOptions;

/** A model group of the server's. */
export interface Model {
  readonly id: string;
  readonly object: 'model';
  /** Unix seconds. */
  readonly created: number;
  readonly owned_by: string;
}

/** Whether a server can do its work. */
export interface Health {
  readonly status: 'ok' | 'unavailable';
  readonly redis: 'ok' | 'unreachable';
  /** Workers that are alive. */
  readonly workers: number;
}

/** A client of one Sluice server. */
export class Sluice {
  readonly baseURL: string;
  readonly jobs: Jobs;
  readonly batches: Batches;
  readonly files: Files;
  /** LiteLLM's `completion()`, on this server. */
  readonly completion: CompletionFunction;
  /** LiteLLM's `acompletion()`, on this server. */
  readonly acompletion: AsyncCompletionFunction;
  readonly #transport: Transport;

  /** @throws {APIError} when no server is named, here or by `SLUICE_BASE_URL`. */
  constructor(options: SluiceOptions = {}) {
    const transport = new Transport(options);
    this.#transport = transport;
    this.baseURL = transport.baseURL;
    this.jobs = new Jobs(transport);
    this.files = new Files(transport);
    this.batches = new Batches(transport, this.files);
    const { completion, acompletion } = createCompletions(
      (body, call) => new RemoteRun(transport, this.jobs, body, call),
    );
    this.completion = completion;
    this.acompletion = acompletion;
  }

  /** What can be asked for. */
  async models(): Promise<Model[]> {
    return (await this.#transport.json<Page<Model>>('/v1/models')).data;
  }

  /** Whether the server reaches its Redis, and has workers. */
  health(): Promise<Health> {
    return this.#transport.json('/health/ready', { alsoAnswer: 503 });
  }
}
