import type { ConnectionOptions } from 'bullmq';
import type { Logger } from '../log.ts';
import { Consumer, type RunEnd, type RunTicket } from './consumer.ts';
import { Producer, type QueueReader } from './producer.ts';

/** No model group can be called so: their names have no spaces. */
const NAME = 'webhook deliveries';

/** Puts deliveries of webhooks into their queue: a ticket for each round of a delivery. */
export class DeliveryQueue {
  readonly #producer: Producer;

  constructor(connection: ConnectionOptions & QueueReader, logger: Logger) {
    this.#producer = new Producer(connection, [NAME], logger);
  }

  /** Does nothing if this round's ticket is there already. */
  enqueue(id: string, round: number): Promise<void> {
    return this.#producer.enqueue({
      id: `${id}-${round}`,
      group: NAME,
      lane: 'interactive',
      model: NAME,
      priority: 0,
      delay: 0,
    });
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}

/** Takes deliveries from their queue. `run` is told of one round of one delivery. */
export function consumeDeliveries(
  connection: ConnectionOptions,
  concurrency: number,
  run: (id: string, round: number, signal: AbortSignal) => Promise<RunEnd>,
  logger: Logger,
): Consumer {
  const runTicket: RunTicket = ({ jobId }, signal) => {
    const [id = '', round] = jobId.split('-');
    return run(id, Number(round), signal);
  };
  return new Consumer(connection, { group: NAME, lane: 'interactive', concurrency }, runTicket, logger);
}
