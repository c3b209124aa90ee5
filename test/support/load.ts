import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, call } from './api-client.ts';
import { JobReader } from './job-reader.ts';

/** A submission that was not accepted, and how long its answer took, in ms. */
export interface Refused {
  readonly answer: Answer;
  readonly took: number;
}

/** Ms before a client whose submission was refused tries again. */
const AGAIN = 20;

/**
 * Clients that each submit a job, follow it to its end, and begin anew: as many jobs as clients at a time. And
 * one more that does not wait for its jobs, so that submissions never cease.
 */
export class Load {
  readonly accepted: JobReader[] = [];
  readonly refused: Refused[] = [];
  readonly #base: string;
  readonly #body: object;
  readonly #clients: Promise<unknown>;
  #stopped = false;

  constructor(base: string, clients: number, body: object) {
    this.#base = base;
    this.#body = body;
    this.#clients = Promise.all([
      ...Array.from({ length: clients }, () => this.#patient()),
      this.#impatient(),
    ]);
    // Whoever waits for the load to end hears of it.
    this.#clients.catch(() => {});
  }

  get settled(): JobReader[] {
    return this.accepted.filter(({ terminal }) => terminal !== undefined);
  }

  /** Those whose streams have begun and not ended. */
  get streaming(): JobReader[] {
    return this.accepted.filter(({ terminal, deltas }) => terminal === undefined && deltas > 0);
  }

  /** Submits no more, and resolves when every accepted job has been followed to its end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#clients;
  }

  async #patient(): Promise<void> {
    while (!this.#stopped) {
      const reader = await this.#submit();
      if (reader === null) await delay(AGAIN);
      else await reader.follow();
    }
  }

  async #impatient(): Promise<void> {
    const followed: Promise<unknown>[] = [];
    while (!this.#stopped) {
      const reader = await this.#submit();
      if (reader !== null) followed.push(reader.follow());
      await delay(AGAIN);
    }
    await Promise.all(followed);
  }

  async #submit(): Promise<JobReader | null> {
    const began = performance.now();
    const answer = await call('POST', `${this.#base}/v1/jobs`, { body: { body: this.#body } });
    if (answer.status !== 202) {
      this.refused.push({ answer, took: performance.now() - began });
      return null;
    }
    const reader = new JobReader(this.#base, answer.body.id);
    this.accepted.push(reader);
    return reader;
  }
}
