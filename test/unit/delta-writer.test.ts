import { describe, expect, it } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import type { Interruption } from '../../src/core/interruption.ts';
import { formatOffset, type Offset } from '../../src/core/offset.ts';
import type { AppendReply, DeltaLog } from '../../src/store/delta-log.ts';
import { DeltaWriter } from '../../src/worker/delta-writer.ts';
import { eventually } from '../support/eventually.ts';
import { text } from '../support/stores.ts';

/** A log whose appends wait for the test to answer them. */
class HeldLog {
  readonly appends: { readonly at: string; readonly deltas: readonly Delta[] }[] = [];
  readonly #replies: PromiseWithResolvers<AppendReply>[] = [];

  append(_jobId: string, _previous: Offset, at: Offset, deltas: readonly Delta[]): Promise<AppendReply> {
    const held = Promise.withResolvers<AppendReply>();
    this.appends.push({ at: formatOffset(at), deltas });
    this.#replies.push(held);
    return held.promise;
  }

  /** Answers the append of this number. */
  async answer(number: number, reply: AppendReply | Error): Promise<void> {
    const held = await eventually('an append', () => this.#replies[number]);
    if (reply instanceof Error) held.reject(reply);
    else held.resolve(reply);
  }
}

function start(maxBytes = 1_000_000) {
  const log = new HeldLog();
  const interruptions: string[] = [];
  const writer = new DeltaWriter(
    log as unknown as DeltaLog,
    { jobId: 'job', epoch: 2, maxBytes },
    (interruption: Interruption) => interruptions.push(interruption.reason),
  );
  const push = (deltas: readonly Delta[]): (Promise<void> | null)[] =>
    deltas.map((delta) => writer.push(delta));
  return { log, interruptions, writer, push };
}

describe('the writer of an attempt', () => {
  it('gathers deltas while an append is in flight', async () => {
    const { log, push, writer } = start();
    push(text('a', 'b'));
    await eventually('the first append', () => log.appends.length === 1);
    push(text('c'));
    push(text('d', 'e'));
    await log.answer(0, 'written');
    await log.answer(1, 'written');
    await eventually('the second append', () => log.appends.length === 2);
    expect(log.appends).toEqual([
      { at: '2-2', deltas: text('a', 'b') },
      { at: '2-5', deltas: text('c', 'd', 'e') },
    ]);
    expect(await writer.close()).toEqual({ tail: [], last: { epoch: 2, seq: 5 } });
  });

  it('leaves to the settlement what it had not begun to write', async () => {
    const { log, push, writer } = start();
    push(text('a'));
    await eventually('the first append', () => log.appends.length === 1);
    push(text('b', 'c'));
    const closed = writer.close();
    await log.answer(0, 'written');
    expect(await closed).toEqual({ tail: text('b', 'c'), last: { epoch: 2, seq: 1 } });
    expect(log.appends).toHaveLength(1);
  });

  it.each([
    ['fenced', 'fenced'],
    ['cancelled', 'cancelled'],
    ['gap', 'log_failed'],
    [new Error('OOM'), 'log_failed'],
  ] as const)(
    'interrupts the attempt when an append meets %s, and keeps the deltas',
    async (reply, reason) => {
      const { log, push, writer, interruptions } = start();
      push(text('a'));
      await eventually('the first append', () => log.appends.length === 1);
      push(text('b'));
      await log.answer(0, reply);
      await eventually('the interruption', () => interruptions.length > 0);
      push(text('c'));
      expect(await writer.close()).toEqual({ tail: text('a', 'b', 'c'), last: { epoch: 2, seq: 0 } });
      expect(interruptions).toEqual([reason]);
      expect(log.appends).toHaveLength(1);
    },
  );

  it('holds its provider back while much waits', async () => {
    const { log, push, writer } = start();
    const [small, large] = push(text('a', 'x'.repeat(100_000)));
    expect(small).toBeNull();
    let released = false;
    const waiting = large?.then(() => {
      released = true;
    });
    await eventually('the append', () => log.appends.length === 1);
    expect(released).toBe(false);
    await log.answer(0, 'written');
    await waiting;
    expect(await writer.close()).toMatchObject({ tail: [] });
  });

  it.each([
    ['text', { type: 'text', choice: 0, text: 'x'.repeat(600) }],
    ['reasoning', { type: 'reasoning', choice: 0, text: 'x'.repeat(600) }],
    ['arguments', { type: 'tool_call', choice: 0, call: 0, arguments: 'x'.repeat(600) }],
    [
      'logprobs',
      {
        type: 'text',
        choice: 0,
        text: '',
        logprobs: [{ token: 'x'.repeat(600), logprob: 0, bytes: null, top_logprobs: [] }],
      },
    ],
  ] as [string, Delta][])('interrupts an attempt with too much %s', (_, delta) => {
    const { push, interruptions } = start(1000);
    push([delta]);
    expect(interruptions).toEqual([]);
    push([delta]);
    expect(interruptions).toEqual(['output_too_large']);
  });
});
