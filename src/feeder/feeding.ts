import { buffer } from 'node:stream/consumers';
import { type InputLine, openInput, readLines, unmarked } from '../batches/input.ts';
import { Turns } from '../batches/turns.ts';
import type { LineResult } from '../core/batch.ts';
import { lineJobId } from '../core/batch-id.ts';
import { SluiceError } from '../core/errors.ts';
import type { JobSpec } from '../core/job.ts';
import { readRequest } from '../intake/read-request.ts';
import { requireGroup } from '../routing/require-group.ts';
import { surfaceOf } from '../surfaces/registry.ts';
import { isMistake, type LineRequest, readLine } from './line.ts';
import { PORTION_BYTES, portion } from './portion.ts';
import type { Tenure } from './tenure.ts';
import type { Held } from './window.ts';

/** Lines that are fed in one go, and after which others get a turn of the event loop. */
const TOGETHER = 64;
const TURN = 16;

/** Feeds the lines of a batch into the queue, in their order. */
export class Feeding {
  readonly #tenure: Tenure;
  #lines: AsyncGenerator<InputLine> | null = null;
  /** Nothing of the input is left. */
  ended = false;

  constructor(tenure: Tenure) {
    this.#tenure = tenure;
  }

  /** Feeds up to `room` lines, of not much more than `bytes` bytes. */
  async step(room: number, bytes: number): Promise<void> {
    const { parts, batch, epoch, window, cursor } = this.#tenure;
    const lines = await this.#next(Math.min(room, TOGETHER), Math.min(bytes, PORTION_BYTES));
    const last = lines.at(-1);
    if (last === undefined) return;
    const next = { line: last.line, offset: last.offset + last.length + 1 };
    await parts.store.feed.feed(batch.id, epoch, cursor, next, lines);
    this.#tenure.cursor = next;
    const held = window.take(lines, false);
    await this.#run(held.map((each, index) => [each, lines[index]?.bytes ?? null]));
  }

  /** Feeds again what is under way: where it is there already, nothing changes. */
  async again(held: readonly Held[]): Promise<void> {
    const { parts, batch, epoch } = this.#tenure;
    // What another feeder has gathered meanwhile is not there any more, and must not be run again.
    if (held.length > 0) await parts.store.feed.check(batch.id, epoch);
    for (let rest = held; rest.length > 0; ) {
      const some = portion(rest, TOGETHER);
      rest = rest.slice(some.length);
      const bytes = await Promise.all(some.map((each) => this.#bytesOf(each)));
      await this.#run(some.map((each, index) => [each, bytes[index] ?? null]));
    }
  }

  async close(): Promise<void> {
    await this.#lines?.return(undefined);
  }

  async #next(most: number, bytes: number): Promise<InputLine[]> {
    const { parts, batch, cursor } = this.#tenure;
    if (this.#lines === null) {
      const input = await openInput(parts.blobs, batch.id, cursor.offset);
      this.#lines = readLines(input, cursor, parts.config.limits.maxRequestBytes);
    }
    const found: InputLine[] = [];
    for (let sum = 0; !this.ended && found.length < most && sum < bytes; ) {
      const next = await this.#lines.next();
      if (next.done) this.ended = true;
      else {
        found.push(next.value);
        sum += next.value.length;
      }
    }
    return found;
  }

  async #bytesOf({ offset, length }: Held): Promise<Buffer | null> {
    const { parts, batch } = this.#tenure;
    if (length > parts.config.limits.maxRequestBytes) return null;
    return unmarked(await buffer(await openInput(parts.blobs, batch.id, offset, offset + length)), offset);
  }

  async #run(lines: readonly (readonly [Held, Buffer | null])[]): Promise<void> {
    const specs: (JobSpec | null)[] = [];
    const turns = new Turns(TURN);
    for (const [held, bytes] of lines) {
      specs.push(await this.#specify(held, bytes));
      const turn = turns.step();
      if (turn) await turn;
    }
    await this.#submit(specs.filter((spec) => spec !== null));
  }

  /** Each record leaves before its ticket; nothing waits in between. */
  async #submit(specs: readonly JobSpec[]): Promise<void> {
    const { store, producer } = this.#tenure.parts;
    const created = specs.map((spec) => store.jobs.create(spec));
    const groups = Map.groupBy(specs, ({ group }) => group);
    const enqueued = [...groups].map(([group, some]) =>
      producer.enqueueAll(
        group,
        'batch',
        some.map((spec) => ({ ...spec, lane: 'batch', delay: 0 })),
      ),
    );
    await Promise.all([...created, ...enqueued]);
  }

  /** The job that a line becomes. Null: it becomes none, and has its result already, or will have that of another line. */
  async #specify(held: Held, bytes: Buffer | null): Promise<JobSpec | null> {
    const { batch, window, leaders, ending } = this.#tenure;
    const { line } = held;
    const read = readLine({ bytes }, batch);
    if (isMistake(read)) {
      const error = new SluiceError('invalid_value', read.message, read.param ? { param: read.param } : {});
      window.finish(line, refused(line, '', error));
      return null;
    }
    if (ending !== null) {
      window.finish(line, { line, customId: read.customId, status: ending, record: null, refusal: null });
      return null;
    }
    const leader = leaders.get(line);
    if (leader !== undefined) {
      held.leader = leader;
      held.customId = read.customId;
      return null;
    }
    try {
      return await this.#jobOf(line, read);
    } catch (error) {
      // What Sluice cannot do for the moment is no fault of the line's.
      if (!(error instanceof SluiceError) || error.status >= 500) throw error;
      window.finish(line, refused(line, read.customId, error));
      return null;
    }
  }

  async #jobOf(line: number, { customId, body }: LineRequest): Promise<JobSpec> {
    const { parts, batch } = this.#tenure;
    const { stream: _, ...request } = body;
    const asked = await readRequest(parts, surfaceOf(batch.endpoint), request);
    const { model } = asked.request;
    const now = Date.now();
    return {
      id: lineJobId(batch.id, line),
      url: batch.endpoint,
      model,
      group: requireGroup(parts.router, model, 'model').name,
      request: asked.request,
      echo: asked.echo,
      // The output of the batch has the answer; in the archive it is what asks for that itself.
      stored: body.store === true,
      customId,
      metadata: asked.metadata,
      batchId: batch.id,
      webhook: null,
      priority: 0,
      createdAt: now,
      notBefore: now,
      deadline: batch.expiresAt,
    };
  }
}

function refused(line: number, customId: string, error: SluiceError): LineResult {
  return {
    line,
    customId,
    status: 'failed',
    record: null,
    refusal: { status: error.status, error: error.body },
  };
}
