import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Completion } from '../../src/core/completion.ts';
import { type Delta, decodeDeltas, encodeDeltas } from '../../src/core/delta.ts';
import { type Digest, DigestBuilder } from '../../src/core/digest.ts';
import { Fold } from '../../src/core/fold.ts';
import { unfold } from '../../src/core/unfold.ts';
import { chooseSeed, seededRandom } from '../support/random.ts';
import { randomDeltas } from '../support/random-deltas.ts';

const CASES = 1000;
const IDENTITY = { id: 'chatcmpl-1', created: 1, model: 'test' };
const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };

function folded(deltas: readonly Delta[]): Fold {
  const fold = new Fold();
  for (const delta of deltas) fold.add(delta);
  return fold;
}

function completionOf(deltas: readonly Delta[]): Completion {
  return folded(deltas).completion(IDENTITY);
}

function digestOf(deltas: readonly Delta[]): Digest {
  const builder = new DigestBuilder();
  for (const delta of deltas) builder.add(delta);
  return builder.digest();
}

function texts(deltas: readonly Delta[], choice?: number): string {
  return deltas
    .filter((delta) => delta.type === 'text' && (choice === undefined || delta.choice === choice))
    .map((delta) => ('text' in delta ? delta.text : ''))
    .join('');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const seed = chooseSeed();
describe(`of ${CASES} generated attempts (TEST_SEED=${seed})`, () => {
  const random = seededRandom(seed);
  const attempts = Array.from({ length: CASES }, () => randomDeltas(random));

  it('deltas are read back as they were written', () => {
    for (const deltas of attempts) expect(decodeDeltas(encodeDeltas(deltas))).toEqual(deltas);
  });

  it('a completion unfolds into deltas that fold back into it', () => {
    for (const deltas of attempts) {
      const completion = completionOf(deltas);
      expect(completionOf(unfold(completion))).toEqual(completion);
    }
  });

  it('a completion has the texts of its deltas', () => {
    for (const deltas of attempts) {
      for (const { index, message } of completionOf(deltas).choices) {
        expect(message.content ?? '').toBe(texts(deltas, index));
      }
    }
  });

  it('the digest is that of the text, however it was divided', () => {
    for (const deltas of attempts) {
      expect(digestOf(deltas)).toEqual({ deltas: deltas.length, sha256: sha256(texts(deltas)) });
    }
  });

  it('the digest of one choice survives folding and unfolding', () => {
    const single = attempts.filter((deltas) => deltas.filter(({ type }) => type === 'start').length === 1);
    expect(single.length).toBeGreaterThan(0);
    for (const deltas of single) {
      expect(digestOf(unfold(completionOf(deltas))).sha256).toBe(digestOf(deltas).sha256);
    }
  });
});

describe('deltas as stored', () => {
  it.each([
    [[{ type: 'text', choice: 0, text: 'a' }], '["a"]'],
    [[{ type: 'text', choice: 0, text: '' }], '[""]'],
    [[{ type: 'text', choice: 1, text: 'a' }], '[{"type":"text","choice":1,"text":"a"}]'],
    [
      [{ type: 'text', choice: 0, text: 'a', logprobs: [] }],
      '[{"type":"text","choice":0,"text":"a","logprobs":[]}]',
    ],
    [[{ type: 'reasoning', choice: 0, text: 'a' }], '[{"type":"reasoning","choice":0,"text":"a"}]'],
    [[], '[]'],
  ] as [Delta[], string][])('%j are %s', (deltas, payload) => {
    expect(encodeDeltas(deltas)).toBe(payload);
    expect(decodeDeltas(payload)).toEqual(deltas);
  });
});

describe('a digest', () => {
  it.each([
    ['👩‍👧 ends'],
    ['ends with 👩'],
    ['half a character \ud83d'],
    ['\udc69 a second half first'],
    ['\ud83d\ud83d\udc69\udc69'],
  ])('of %j is the same wherever the text is cut', (text) => {
    for (let cut = 0; cut <= text.length; cut += 1) {
      for (const more of [cut, text.length]) {
        const pieces = [text.slice(0, cut), text.slice(cut, more), '', text.slice(more)];
        const deltas = pieces.map((piece): Delta => ({ type: 'text', choice: 0, text: piece }));
        expect(digestOf(deltas)).toEqual({ deltas: 4, sha256: sha256(text) });
      }
    }
  });

  it('counts every delta, and hashes nothing but content', () => {
    const deltas: Delta[] = [
      { type: 'start', choice: 0 },
      { type: 'reasoning', choice: 0, text: 'thought' },
      { type: 'refusal', choice: 0, text: 'no' },
      { type: 'tool_call', choice: 0, call: 0, arguments: '{}' },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'usage', usage: USAGE },
    ];
    expect(digestOf(deltas)).toEqual({ deltas: 6, sha256: sha256('') });
  });
});

describe('a fold', () => {
  it('takes the last usage, and the first of what a provider says of itself', () => {
    const fold = folded([
      { type: 'start', choice: 0, system_fingerprint: 'first' },
      { type: 'usage', usage: { ...USAGE, total_tokens: 99 } },
      { type: 'start', choice: 1, system_fingerprint: 'second', service_tier: 'flex' },
      { type: 'usage', usage: USAGE },
    ]);
    expect(fold.usage).toEqual(USAGE);
    expect(fold.completion(IDENTITY)).toMatchObject({ system_fingerprint: 'first', service_tier: 'flex' });
  });

  it('is finished once every choice that began has ended', () => {
    const deltas: Delta[] = [
      { type: 'start', choice: 0 },
      { type: 'start', choice: 1 },
      { type: 'finish', choice: 1, reason: 'stop' },
      { type: 'finish', choice: 0, reason: 'length' },
    ];
    expect(deltas.map((_, index) => folded(deltas.slice(0, index)).finished)).toEqual(Array(4).fill(false));
    expect(folded(deltas).finished).toBe(true);
    expect(() => folded(deltas).requireFinish()).not.toThrow();
    expect(() => folded(deltas.slice(0, -1)).requireFinish()).toThrow(
      expect.objectContaining({ code: 'upstream_truncated' }),
    );
    expect(folded(deltas).finishReason).toBe('length');
  });

  it('of nothing is an empty answer', () => {
    expect(completionOf([]).choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: '', refusal: null },
        logprobs: null,
        finish_reason: null,
      },
    ]);
  });

  it('notes in which order parts came, where it is not the usual one', () => {
    const text = (piece: string): Delta => ({ type: 'text', choice: 0, text: piece });
    const thought = (piece: string): Delta => ({ type: 'reasoning', choice: 0, text: piece });
    const block = { type: 'redacted_thinking', data: 'x' } as const;
    const signed: Delta = { type: 'thinking_block', choice: 0, block };
    const call: Delta = { type: 'tool_call', choice: 0, call: 0, id: 'a', name: 'f', arguments: '{}' };
    const orderOf = (...deltas: Delta[]) => completionOf(deltas).choices[0]?.message.part_order;
    expect(orderOf(thought('hm'), signed, text('a'), text(''), text('b'), call)).toBeUndefined();
    expect(orderOf(text('ab'), text('c'), thought('hm'), signed, text('d'), call, text('e'))).toEqual([
      ['text', 3],
      ['reasoning', 2],
      ['thinking_block', 1],
      ['text', 1],
      ['tool_call', 1],
      ['text', 1],
    ]);
    const deltas = [text('abc'), thought('hm'), signed, text('d'), call, text('e')];
    expect(unfold(completionOf(deltas)).slice(1)).toEqual(deltas);
  });

  it('joins the fragments of each tool call', () => {
    const call = (index: number, rest: object): Delta => ({
      type: 'tool_call',
      choice: 0,
      call: index,
      ...rest,
    });
    const { message } = completionOf([
      call(0, { id: 'a', name: 'first' }),
      call(1, { id: 'b', name: 'second', arguments: '{' }),
      call(0, { arguments: '{"x":' }),
      call(1, { arguments: '}' }),
      call(0, { arguments: '1}' }),
    ]).choices[0] ?? { message: null };
    expect(message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'first', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'second', arguments: '{}' } },
      ],
    });
  });
});
