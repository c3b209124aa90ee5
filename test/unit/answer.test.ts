import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/core/errors.ts';
import { Answer } from '../../src/providers/answer/answer.ts';

const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };

function types(answer: Answer): string[] {
  return answer.deltas.map(({ type }) => type);
}

describe('an answer', () => {
  it.each<[string, (answer: Answer) => void]>([
    ['text', (answer) => answer.text(0, 'a')],
    ['reasoning', (answer) => answer.reasoning(0, 'a')],
    ['refusal', (answer) => answer.refusal(0, 'a')],
    ['thinking_block', (answer) => answer.thinkingBlock(0, { type: 'redacted_thinking', data: 'x' })],
    ['annotation', (answer) => answer.annotation(0, { type: 'note' })],
    ['tool_call', (answer) => answer.toolCall(0, { id: 'a', name: 'f', arguments: '{}' })],
    ['provider_specific', (answer) => answer.providerSpecific(0, { a: 1 })],
    ['finish', (answer) => answer.finish(0, 'stop')],
  ])('begins a choice with whatever comes first: %s', (type, say) => {
    const answer = new Answer('p');
    say(answer);
    say(answer);
    const again = type === 'finish' ? [] : [type];
    expect(types(answer)).toEqual(['start', type, ...again]);
  });

  it('has no deltas for empty text', () => {
    const answer = new Answer('p');
    for (const kind of ['text', 'reasoning', 'refusal'] as const) answer[kind](0, '');
    expect(types(answer)).toEqual(['start']);
  });

  it('keeps the native finish reason where it is another word, and counts the first finish only', () => {
    const answer = new Answer('p');
    answer.finish(0, 'stop', 'END');
    answer.finish(0, 'length', 'length');
    answer.finish(1, 'length', 'length');
    expect(answer.deltas.filter(({ type }) => type === 'finish')).toEqual([
      { type: 'finish', choice: 0, reason: 'stop', native: 'END' },
      { type: 'finish', choice: 1, reason: 'length' },
    ]);
  });

  it('is whole when all that began has ended, and tells the last usage then, once', () => {
    const answer = new Answer('p');
    answer.text(0, 'a');
    answer.usage({ ...USAGE, total_tokens: 1 });
    expect(answer.complete).toBe(false);
    answer.finish(0, 'stop');
    answer.start(1);
    expect(answer.complete).toBe(false);
    expect(answer.openChoices).toEqual([1]);
    answer.finish(1, 'stop');
    expect(answer.complete).toBe(true);
    answer.usage(USAGE);
    answer.end();
    answer.end();
    expect(answer.failure).toBeNull();
    expect(answer.deltas.filter(({ type }) => type === 'usage')).toEqual([{ type: 'usage', usage: USAGE }]);
  });

  it.each([
    ['before its answer began', () => {}],
    ['in the middle of its answer', (answer: Answer) => answer.text(0, 'a')],
  ])('that ends %s is truncated', (where, say) => {
    const answer = new Answer('p');
    say(answer);
    answer.end();
    expect(answer.failure).toMatchObject({
      code: 'upstream_truncated',
      message: expect.stringContaining(where),
    });
  });

  it('tells its usage before its failure, of which the first counts', () => {
    const answer = new Answer('p');
    answer.text(0, 'a');
    answer.usage(USAGE);
    answer.fail(new SluiceError('upstream_overloaded', 'first'));
    answer.invalid('second');
    answer.end();
    expect(types(answer)).toEqual(['start', 'text', 'usage']);
    expect(answer.failure?.message).toBe('first');
  });
});
