import { jobOf } from '../batches/line-job.ts';
import { encodeResults, segmentKey } from '../batches/segments.ts';
import { Turns } from '../batches/turns.ts';
import type { LineResult, LineStatus } from '../core/batch.ts';
import { lineJobId } from '../core/batch-id.ts';
import { costOf, isTerminal, type JobStatus } from '../core/job.ts';
import type { Counters } from '../store/batches/batch-feed.ts';
import { portion } from './portion.ts';
import type { Tenure } from './tenure.ts';
import type { Held } from './window.ts';

/** Lines of a segment, at most. */
export const SEGMENT_LINES = 256;
/** Characters of a segment's records beyond which no further line is put into it. */
const SEGMENT_SIZE = 8 * 1024 * 1024;
/** Lines that are read together, and after which others get a turn of the event loop. */
const TURN = 16;
/** Results of leaders that are kept in memory for the lines that follow. */
const KEPT_LEADERS = 16;

/** Gathers settled lines from Redis into segments, and makes them results of their batch. */
export class Gathering {
  readonly #tenure: Tenure;
  readonly #leaders = new Map<number, LineResult>();

  constructor(tenure: Tenure) {
    this.#tenure = tenure;
  }

  /** Gathers some of the settled lines. Those of them that have left no result, and run again. */
  async step(): Promise<Held[]> {
    const { parts, batch, epoch, window } = this.#tenure;
    const settled = window.settled(SEGMENT_LINES);
    const { results, lost } = await this.#resultsOf(settled);
    for (const held of lost) window.reopen(held);
    if (results.length === 0) return lost;
    const number = this.#tenure.segments + 1;
    const key = segmentKey(batch.id, epoch, number);
    await parts.blobs.write(key, encodeResults(results));
    const segment = { key, after: this.#tenure.gathered, lines: results.length };
    await parts.store.feed.commit(batch.id, epoch, number, segment, await this.#count(results), results);
    this.#tenure.segments = number;
    this.#tenure.gathered += results.length;
    const inherited = new Set(settled.filter((held) => held.inherited).map(({ line }) => line));
    window.remove(results);
    const dropped = results.map(({ line, record }) => ({
      line,
      inherited: inherited.has(line),
      stored: record?.stored !== undefined,
    }));
    await parts.store.feed.dropRecords(batch.id, dropped);
    for (const result of results) this.#lead(result);
    return lost;
  }

  /** Gives the line the result of its leader, if that is there already. */
  async follow(held: Held): Promise<void> {
    const { parts, batch, window } = this.#tenure;
    if (held.leader === null || window.has(held.leader)) return;
    const kept = this.#leaders.get(held.leader) ?? (await parts.results.line(batch.id, held.leader));
    if (kept === null) throw new Error(`Line ${held.leader} of ${batch.id} has left no result to follow.`);
    this.#keep(kept);
    window.finish(held.line, copyOf(kept, held));
  }

  #lead(result: LineResult): void {
    const followers = this.#tenure.window.followers(result.line);
    for (const held of followers) this.#tenure.window.finish(held.line, copyOf(result, held));
    if (followers.length > 0) this.#keep(result);
  }

  #keep(result: LineResult): void {
    this.#leaders.set(result.line, result);
    const [oldest] = this.#leaders.keys();
    if (this.#leaders.size > KEPT_LEADERS && oldest !== undefined) this.#leaders.delete(oldest);
  }

  /** As many as fit into a segment; and those whose record is not there any more, so that they have to be fed again. */
  async #resultsOf(settled: readonly Held[]): Promise<{ results: LineResult[]; lost: Held[] }> {
    const results: LineResult[] = [];
    const lost: Held[] = [];
    let size = 0;
    for (let rest = settled; rest.length > 0 && size <= SEGMENT_SIZE; ) {
      // A record has the request, too: as many are read as there is room for by that.
      const some = portion(rest, TURN, SEGMENT_SIZE - size);
      rest = rest.slice(some.length);
      const found = await this.#read(some);
      for (const [index, held] of some.entries()) {
        const result = found[index] ?? null;
        if (result === null) {
          lost.push(held);
          continue;
        }
        results.push(result);
        size += Object.values(result.record ?? {}).reduce((sum, value) => sum + value.length, 0);
        if (size > SEGMENT_SIZE) break;
      }
    }
    return { results, lost };
  }

  /** The results of the lines; null for one whose record is not there any more. */
  async #read(lines: readonly Held[]): Promise<(LineResult | null)[]> {
    const { parts, batch } = this.#tenure;
    const unread = lines.filter(({ result }) => result === null);
    const records = await parts.store.feed.records(unread.map(({ line }) => lineJobId(batch.id, line)));
    const read = new Map(unread.map(({ line }, index) => [line, records[index] ?? null]));
    return lines.map(({ line, result }) => result ?? resultOf(line, read.get(line) ?? null));
  }

  /** What the lines add to the counters of the batch. A copy used nothing and cost nothing. */
  async #count(results: readonly LineResult[]): Promise<Counters> {
    const counters = { ...NOTHING };
    const turns = new Turns(TURN);
    for (const result of results) {
      const turn = turns.step();
      if (turn) await turn;
      counters[result.status] += 1;
      const job = jobOf(this.#tenure.batch.id, result);
      if (job === null || job.attempts.length === 0) continue;
      const cost = costOf(job);
      if (cost === null) counters.unpriced += 1;
      else counters.cost += cost.usd;
      counters.inputTokens += job.usage?.prompt_tokens ?? 0;
      counters.cachedTokens += job.usage?.prompt_tokens_details?.cached_tokens ?? 0;
      counters.outputTokens += job.usage?.completion_tokens ?? 0;
      counters.reasoningTokens += job.usage?.completion_tokens_details?.reasoning_tokens ?? 0;
    }
    return counters;
  }
}

/** The counters of a batch's record; see `store/batches/batch-record.ts`. */
const NOTHING = {
  completed: 0,
  failed: 0,
  cancelled: 0,
  expired: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  cost: 0,
  unpriced: 0,
};

function resultOf(line: number, record: Readonly<Record<string, string>> | null): LineResult | null {
  const status = record?.status as JobStatus | undefined;
  if (record === null || status === undefined || !isTerminal(status)) return null;
  return { line, customId: record.customId ?? '', status: status as LineStatus, record, refusal: null };
}

/** The result of a line whose request was that of another one: the same, without the attempts. */
function copyOf(result: LineResult, { line, customId }: Held): LineResult {
  if (result.record === null) return { ...result, line, customId };
  const own = Object.entries(result.record).filter(([name]) => !name.startsWith('attempt:'));
  return { ...result, line, customId, record: { ...Object.fromEntries(own), customId, epoch: '0' } };
}
