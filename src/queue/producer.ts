import { type ConnectionOptions, Queue } from 'bullmq';
import type { Logger } from '../log.ts';
import { QUEUE_OPTIONS, queueName, TICKET_OPTIONS } from './queue-options.ts';

/** A job as the queue needs to know it. */
export interface TicketSpec {
  readonly id: string;
  readonly group: string;
  readonly model: string;
  readonly priority: number;
  /** Ms from now before which it must not start. */
  readonly delay: number;
}

/** Tickets that wait and that run in one group. */
export interface QueueDepth {
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
}

/** How far from its front a queue is searched for a ticket's position; beyond, it is unknown. */
const POSITION_SCAN = 10_000;

/** What the producer itself asks of its connection, besides what BullMQ does. */
export interface QueueReader {
  lpos(key: string, id: string, ...options: ['RANK', number, 'MAXLEN', number]): Promise<number | null>;
  llen(key: string): Promise<number>;
  zrank(key: string, id: string): Promise<number | null>;
}

/** Puts tickets into the groups' queues. A ticket carries ids only; the record knows everything else. */
export class Producer {
  readonly #queues = new Map<string, Queue>();
  readonly #reader: QueueReader;

  constructor(connection: ConnectionOptions & QueueReader, groups: readonly string[], logger: Logger) {
    this.#reader = connection;
    for (const group of groups) {
      const queue = new Queue(queueName(group), { ...QUEUE_OPTIONS, connection });
      queue.on('error', (error) => logger.debug({ err: error, group }, 'queue connection'));
      this.#queues.set(group, queue);
    }
  }

  /** Enqueues a ticket under the job's id. If it is there already, in whatever state, nothing happens. */
  async enqueue(ticket: TicketSpec): Promise<void> {
    await this.#queue(ticket.group).add(
      ticket.model,
      {},
      {
        ...TICKET_OPTIONS,
        jobId: ticket.id,
        ...(ticket.priority > 0 && { priority: ticket.priority }),
        ...(ticket.delay > 0 && { delay: ticket.delay }),
      },
    );
  }

  /** Takes a waiting ticket out; a running one stays. */
  async remove(group: string, jobId: string): Promise<void> {
    await this.#queue(group).remove(jobId);
  }

  /** How many tickets are ahead of this one; null if it is not waiting, or too far behind to be found. */
  async position(group: string, jobId: string): Promise<number | null> {
    const queue = this.#queue(group);
    const [index, waiting, rank] = await Promise.all([
      // Tickets are taken from the right end of the list.
      this.#reader.lpos(queue.toKey('wait'), jobId, 'RANK', -1, 'MAXLEN', POSITION_SCAN),
      this.#reader.llen(queue.toKey('wait')),
      this.#reader.zrank(queue.toKey('prioritized'), jobId),
    ]);
    if (index !== null) return waiting - 1 - index;
    return rank === null ? null : waiting + rank;
  }

  async depth(group: string): Promise<QueueDepth> {
    const counts = await this.#queue(group).getJobCounts('wait', 'prioritized', 'delayed', 'active');
    return {
      waiting: (counts.wait ?? 0) + (counts.prioritized ?? 0),
      delayed: counts.delayed ?? 0,
      active: counts.active ?? 0,
    };
  }

  get groups(): readonly string[] {
    return [...this.#queues.keys()];
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queue(group: string): Queue {
    const queue = this.#queues.get(group);
    if (queue === undefined)
      throw new Error(`No queue for the model group ${group}: the configuration has none.`);
    return queue;
  }
}
