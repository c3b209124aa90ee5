import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Rounds } from '../core/rounds.ts';
import type { Logger } from '../log.ts';
import type { Consumer } from '../queue/consumer.ts';
import type { Producer } from '../queue/producer.ts';
import { LanePace, sharesOf } from './lane-pace.ts';

/** Ms between two looks for groups that have lines, and between two at the event loop. */
const LOOK = 1000;
const PACE = 100;
/** Ms between two samples of the event loop's delay. */
const RESOLUTION = 5;
const NANOSECONDS = 1e6;

/** Runs lines of batches, beside the other jobs of a worker: with slots of their own, and no more than leave those their speed. */
export class BatchLane {
  readonly #producer: Producer;
  readonly #open: (group: string, concurrency: number) => Consumer;
  readonly #consumers = new Map<string, Consumer>();
  readonly #pace: LanePace;
  readonly #rounds: Rounds;
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  #timer: NodeJS.Timeout | null = null;
  /** What each consumer may run, in their order. */
  #shares: readonly number[] = [];

  /** `most`: lines that may run at once. `open`: makes the consumer of a group's lines. */
  constructor(
    producer: Producer,
    most: number,
    open: (group: string, concurrency: number) => Consumer,
    logger: Logger,
  ) {
    this.#producer = producer;
    this.#open = open;
    this.#pace = new LanePace(most);
    this.#rounds = new Rounds(
      () => this.round(),
      LOOK,
      (err) => logger.warn({ err }, 'could not look for lines of batches'),
    );
  }

  get consumers(): readonly Consumer[] {
    return [...this.#consumers.values()];
  }

  start(): void {
    this.#rounds.start();
  }

  /** Takes no further groups. The consumers are the caller's to drain. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#delay.disable();
  }

  /** Begins to listen to groups that have lines for the first time. */
  async round(): Promise<void> {
    const groups = await this.#producer.lineGroups();
    const news = groups.filter(
      (group) => this.#producer.groups.includes(group) && !this.#consumers.has(group),
    );
    for (const group of news) {
      const consumer = this.#open(group, this.#pace.lines);
      this.#consumers.set(group, consumer);
      await consumer.ready();
    }
    if (this.#consumers.size > 0 && this.#timer === null) {
      this.#delay.enable();
      this.#timer = setInterval(() => this.#adapt(), PACE);
    }
  }

  #adapt(): void {
    const consumers = this.consumers;
    const running = consumers.map((consumer) => consumer.running);
    const full = running.some((count, group) => count >= (this.#shares[group] ?? 0));
    const delay = Math.max(0, this.#delay.mean / NANOSECONDS - RESOLUTION);
    this.#delay.reset();
    const lines = this.#pace.next({ delay: Number.isFinite(delay) ? delay : 0, full });
    this.#shares = sharesOf(lines, running);
    for (const [group, consumer] of consumers.entries()) consumer.concurrency = this.#shares[group] ?? 1;
  }
}
