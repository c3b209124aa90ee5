import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/core/errors.ts';
import { chatFormat } from '../../src/providers/formats/openai-chat/format.ts';
import { decode as decodeWith } from '../support/decode.ts';
import type { Outcome } from '../support/provider-calls.ts';

function decode(pieces: readonly (string | Uint8Array)[]): Outcome {
  return decodeWith(chatFormat(), pieces);
}

function event(chunk: unknown): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** One event for a choice: its delta, and its finish reason where it ends. */
function choice(delta: unknown, finish_reason: string | null = null, index = 0): string {
  return event({ choices: [{ index, delta, finish_reason }] });
}

function codeOf(outcome: Outcome): string | null {
  return outcome.error instanceof SluiceError ? outcome.error.code : null;
}

const START = { type: 'start', choice: 0 };
const STOP = { type: 'finish', choice: 0, reason: 'stop' };
const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const END = choice({}, 'stop');

describe('an OpenAI stream', () => {
  it('begins every choice once, with what the server says of itself', () => {
    const said = { system_fingerprint: 'fp_1', service_tier: 'default' };
    const chunk = (index: number, content: string) =>
      event({ ...said, choices: [{ index, delta: { role: 'assistant', content } }] });
    const { deltas, error } = decode([
      chunk(0, ''),
      chunk(1, ''),
      chunk(1, 'b'),
      chunk(0, 'a'),
      END,
      choice({}, 'length', 1),
    ]);
    expect(error).toBeNull();
    expect(deltas).toEqual([
      { type: 'start', choice: 0, ...said },
      { type: 'start', choice: 1, ...said },
      { type: 'text', choice: 1, text: 'b' },
      { type: 'text', choice: 0, text: 'a' },
      STOP,
      { type: 'finish', choice: 1, reason: 'length' },
    ]);
  });

  it('tells text, both spellings of reasoning, and refusals apart, and yields nothing for empty ones', () => {
    const { deltas } = decode([
      choice({ role: 'assistant', content: '', reasoning: '', refusal: '' }),
      choice({ content: null, reasoning_content: 'hm' }),
      choice({ content: '', reasoning: ' so' }),
      choice({ reasoning_content: 'once', reasoning: 'once' }),
      choice({ content: 'text' }),
      choice({ content: null, refusal: 'no' }),
      END,
    ]);
    expect(deltas).toEqual([
      START,
      { type: 'reasoning', choice: 0, text: 'hm' },
      { type: 'reasoning', choice: 0, text: ' so' },
      { type: 'reasoning', choice: 0, text: 'once' },
      { type: 'text', choice: 0, text: 'text' },
      { type: 'refusal', choice: 0, text: 'no' },
      STOP,
    ]);
  });

  it('reads content that is an array of parts', () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }], closed: true };
    const { deltas } = decode([choice({ content: [thinking, { type: 'text', text: 'yes' }] }), END]);
    expect(deltas.slice(1, 3)).toEqual([
      { type: 'reasoning', choice: 0, text: 'hm' },
      { type: 'text', choice: 0, text: 'yes' },
    ]);
  });

  it('keeps log probabilities, of an empty token too', () => {
    const token = { token: 'a', logprob: -1, bytes: [97], top_logprobs: [] };
    const chunk = (content: string, tokens: unknown[]) =>
      event({ choices: [{ index: 0, delta: { content }, logprobs: { content: tokens } }] });
    const { deltas } = decode([chunk('', []), chunk('a', [token]), chunk('', [token]), END]);
    expect(deltas.slice(1, -1)).toEqual([
      { type: 'text', choice: 0, text: 'a', logprobs: [token] },
      { type: 'text', choice: 0, text: '', logprobs: [token] },
    ]);
  });

  it('is an answer even when it is empty', () => {
    expect(decode([END])).toEqual({ deltas: [START, STOP], error: null });
  });

  it('yields the last usage once, at the end, with nulls left out and totals filled in', () => {
    const other = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const chunk = (usage: unknown) => event({ choices: [], usage });
    const late = { prompt_tokens: 3, completion_tokens: 2, prompt_tokens_details: null, cost: 0.1 };
    const { deltas } = decode([chunk(other), END, chunk(null), chunk(late), 'data: [DONE]\n\n']);
    expect(deltas).toEqual([START, STOP, { type: 'usage', usage: { ...USAGE, cost: 0.1 } }]);
  });

  it('finishes a choice once, with its first reason', () => {
    const { deltas } = decode([choice({ content: 'a' }, 'tool_calls'), choice({ content: '' }, 'stop')]);
    expect(deltas.filter(({ type }) => type === 'finish')).toEqual([
      { type: 'finish', choice: 0, reason: 'tool_calls' },
    ]);
  });

  it.each([
    ['stop', 'stop', undefined],
    ['function_call', 'function_call', undefined],
    ['eos', 'stop', 'eos'],
    ['constructor', 'stop', 'constructor'],
    ['model_length', 'length', 'model_length'],
    ['sensitive', 'content_filter', 'sensitive'],
  ])('says %s in OpenAI words: %s', (native, reason, kept) => {
    const finish = { type: 'finish', choice: 0, reason, ...(kept && { native: kept }) };
    expect(decode([choice({}, native)]).deltas).toEqual([START, finish]);
  });

  it.each(['error', 'abort', 'insufficient_system_resource'])('does not take %s for an end', (native) => {
    expect(codeOf(decode([choice({ content: 'a' }), choice({}, native)]))).toBe('upstream_truncated');
  });

  it('needs no [DONE], and reads nothing after it', () => {
    expect(decode([choice({ content: 'a' }), END]).error).toBeNull();
    const { deltas, error } = decode([choice({ content: 'a' }), END, 'data: [DONE]\n\ndata: nonsense\n\n']);
    expect(error).toBeNull();
    expect(deltas).toHaveLength(3);
  });
});

describe('a broken OpenAI stream', () => {
  it.each([
    ['no bytes at all', []],
    ['only comments', [': keep-alive\n\n']],
    ['only [DONE]', ['data: [DONE]\n\n']],
    ['no finish', [choice({ content: 'a' })]],
    ['[DONE] without a finish', [choice({ content: 'a' }), 'data: [DONE]\n\n']],
    ['one choice of two unfinished', [choice({ content: 'a' }), choice({ content: 'b' }, null, 1), END]],
    ['half an event', [choice({ content: 'a' }), END.slice(0, -20)]],
    ['half a character', [choice({ content: 'a' }), Buffer.from('data: {"x":"ü').subarray(0, -1)]],
  ])('is truncated: %s', (_name, pieces) => {
    expect(codeOf(decode(pieces))).toBe('upstream_truncated');
  });

  it('is whole where only a trailer after the last finish is cut', () => {
    expect(decode([choice({ content: 'a' }), END, 'data: {"choi']).error).toBeNull();
    expect(decode([choice({ content: 'a' }), END.trimEnd()]).error).toBeNull();
  });

  it.each(['not json', '{"half":', '17', 'null'])(
    'is invalid where an event is %s, quoting 500 characters',
    (data) => {
      const { deltas, error } = decode([choice({ content: 'a' }), `data: ${data}${' '.repeat(600)}x\n\n`]);
      expect(deltas).toHaveLength(2);
      expect(error).toMatchObject({ code: 'upstream_invalid_response' });
      expect((error as Error).message).toContain(data);
      expect((error as Error).message.length).toBeLessThan(600);
    },
  );

  it('is invalid where an event is larger than 16 MiB', () => {
    const piece = 'x'.repeat(1024 * 1024);
    expect(codeOf(decode([choice({ content: 'a' }), 'data: "', ...Array(17).fill(piece)]))).toBe(
      'upstream_invalid_response',
    );
  });

  const error = { message: 'Slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded' };
  it.each([
    ['data', event({ error })],
    ['event: error', `event: error\n${event({ error })}`],
    ['event: error, unwrapped', `event: error\n${event(error)}`],
    ['an error: line', `error: ${JSON.stringify({ error })}\n\n`],
    ['a bare object', `\n${JSON.stringify({ error }, null, 2)}\n`],
    ['next to choices', event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], error })],
    ['object: error', event({ object: 'error', ...error })],
  ])('is what the error says: %s', (_name, bytes) => {
    const { deltas, error: thrown } = decode([choice({ content: 'a' }), bytes]);
    expect(thrown).toMatchObject({ code: 'rate_limit_exceeded', retryable: true });
    expect((thrown as Error).message).toContain('Slow down');
    expect(deltas).toEqual([START, { type: 'text', choice: 0, text: 'a' }]);
  });

  it('is the error also after a finish, and keeps its usage', () => {
    const { deltas, error: thrown } = decode([
      END,
      event({ choices: [], usage: USAGE, error: { message: 'x', code: 400 } }),
    ]);
    expect(thrown).toMatchObject({ code: 'upstream_bad_request', retryable: false });
    expect(deltas.at(-1)).toEqual({ type: 'usage', usage: USAGE });
  });

  it('takes text for an error that is not JSON', () => {
    expect(codeOf(decode([choice({ content: 'a' }), 'event: error\ndata: boom\n\n']))).toBe('upstream_error');
  });
});

describe('how a stream is cut', () => {
  const chunks = [
    ': PROCESSING\n\n',
    choice({ role: 'assistant', content: '' }),
    choice({ content: 'Grüße, 世界 🙂👩‍👩‍👧 \u0000\u2028' }),
    choice({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{"ü":' } }] }),
    choice({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }),
    choice({}, 'tool_calls'),
    event({ choices: [], usage: USAGE }),
  ];
  const failing = [...chunks.slice(0, 3), 'error: {"error":{"message":"ü","code":503}}\n\n'];
  const streams: [string, string][] = ['\n', '\r\n', '\r'].flatMap((lineEnd): [string, string][] => [
    [`whole, ${JSON.stringify(lineEnd)}`, [...chunks, 'data: [DONE]\n\n'].join('').replaceAll('\n', lineEnd)],
    [`failing, ${JSON.stringify(lineEnd)}`, failing.join('').replaceAll('\n', lineEnd)],
  ]);

  it.each(streams)('makes no difference: %s', (_name, stream) => {
    const bytes = Buffer.from(stream);
    const whole = decode([bytes]);
    expect(whole.deltas.length).toBeGreaterThan(1);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(decode([bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual(whole);
    }
    expect(decode([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });
});
