import { type ConnectionOptions, Queue } from 'bullmq';
import type { Logger } from '../log.ts';
import { type Lane, LINE_GROUPS, QUEUE_OPTIONS, queueName, TICKET_OPTIONS } from './queue-options.ts';

/** A job as the queue needs to know it. */
export interface TicketSpec {
  readonly id: string;
  readonly group: string;
  readonly model: string;
  readonly lane: Lane;
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
  sadd(key: string, member: string): Promise<number>;
  smembers(key: string): Promise<string[]>;
}

/** Puts tickets into the groups' queues. A ticket carries ids only; the record knows everything else. */
export class Producer {
  readonly groups: readonly string[];
  readonly #queues = new Map<string, Queue>();
  readonly #connection: ConnectionOptions & QueueReader;
  readonly #logger: Logger;
  readonly #lineGroups = new Set<string>();

  constructor(connection: ConnectionOptions & QueueReader, groups: readonly string[], logger: Logger) {
    this.groups = groups;
    this.#connection = connection;
    this.#logger = logger;
    for (const group of groups) this.#open(group, 'interactive');
  }

  /** Enqueues a ticket under the job's id. If it is there already, in whatever state, nothing happens. */
  async enqueue(ticket: TicketSpec): Promise<void> {
    const { group, lane, model } = ticket;
    const added = this.#queue(group, lane).add(model, {}, optionsOf(ticket));
    await (lane === 'batch' ? Promise.all([added, this.#announce(group)]) : added);
  }

  /** Enqueues tickets of one group and lane, in their order, in one go. */
  async enqueueAll(group: string, lane: Lane, tickets: readonly TicketSpec[]): Promise<void> {
    const jobs = tickets.map((ticket) => ({ name: ticket.model, data: {}, opts: optionsOf(ticket) }));
    const added = this.#queue(group, lane).addBulk(jobs);
    await (lane === 'batch' ? Promise.all([added, this.#announce(group)]) : added);
  }

  /** Takes a waiting ticket out; a running one stays. */
  async remove({ group, lane, id }: Pick<TicketSpec, 'group' | 'lane' | 'id'>): Promise<void> {
    await this.#queue(group, lane).remove(id);
  }

  /** How many tickets are ahead of this one; null if it is not waiting, or too far behind to be found. */
  async position({ group, lane, id }: Pick<TicketSpec, 'group' | 'lane' | 'id'>): Promise<number | null> {
    const queue = this.#queue(group, lane);
    const [index, waiting, rank] = await Promise.all([
      // Tickets are taken from the right end of the list.
      this.#connection.lpos(queue.toKey('wait'), id, 'RANK', -1, 'MAXLEN', POSITION_SCAN),
      this.#connection.llen(queue.toKey('wait')),
      this.#connection.zrank(queue.toKey('prioritized'), id),
    ]);
    if (index !== null) return waiting - 1 - index;
    return rank === null ? null : waiting + rank;
  }

  async depth(group: string, lane: Lane): Promise<QueueDepth> {
    const counts = await this.#queue(group, lane).getJobCounts('wait', 'prioritized', 'delayed', 'active');
    return {
      waiting: (counts.wait ?? 0) + (counts.prioritized ?? 0),
      delayed: counts.delayed ?? 0,
      active: counts.active ?? 0,
    };
  }

  /** The groups that have ever had lines of batches, in any process. */
  lineGroups(): Promise<string[]> {
    return this.#connection.smembers(LINE_GROUPS);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#queues.values()].map((queue) => queue.close()));
  }

  /** Workers look there for groups that need a consumer for lines. */
  async #announce(group: string): Promise<void> {
    if (this.#lineGroups.has(group)) return;
    await this.#connection.sadd(LINE_GROUPS, group);
    this.#lineGroups.add(group);
  }

  #queue(group: string, lane: Lane): Queue {
    const queue = this.#queues.get(queueName(group, lane));
    if (queue !== undefined) return queue;
    if (!this.groups.includes(group))
      throw new Error(`No queue for the model group ${group}: the configuration has none.`);
    return this.#open(group, lane);
  }

  #open(group: string, lane: Lane): Queue {
    const name = queueName(group, lane);
    const queue = new Queue(name, { ...QUEUE_OPTIONS, connection: this.#connection });
    queue.on('error', (error) => this.#logger.debug({ err: error, group, lane }, 'queue connection'));
    this.#queues.set(name, queue);
    return queue;
  }
}

/** Of a job that is a line of a batch, or of its own. */
export function laneOf({ batchId }: { readonly batchId: string | null }): Lane {
  return batchId === null ? 'interactive' : 'batch';
}

function optionsOf({ id, priority, delay }: TicketSpec) {
  return {
    ...TICKET_OPTIONS,
    jobId: id,
    ...(priority > 0 && { priority }),
    ...(delay > 0 && { delay }),
  };
}
