import { describe, expect, test } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import { Fold } from '../../src/core/fold.ts';
import { identityOf, type Job } from '../../src/core/job.ts';
import type { Fields } from '../../src/core/json.ts';
import { completionsSurface } from '../../src/surfaces/completions/surface.ts';
import { attempt, deltas } from '../support/log-entries.ts';

const job = {
  id: 'job_0123456789abcdef0123456789abcdef',
  model: 'm',
  createdAt: 1_700_000_000_123,
  metadata: null,
  stored: false,
} as Job;

const HEAD =
  '"id":"cmpl-0123456789abcdef0123456789abcdef","object":"text_completion","created":1700000000,"model":"m"';

const USAGE = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };

function streamed(said: readonly Delta[], echo: Fields | null = null): string {
  const stream = completionsSurface.open(job, echo);
  return stream.write(deltas(1, ...said));
}

function whole(deltas: readonly Delta[], echo: Fields | null = null): object {
  const fold = new Fold();
  for (const delta of deltas) fold.add(delta);
  return completionsSurface.write(job, { result: fold.completion(identityOf(job)), echo });
}

const chunk = (choice: string, rest = ''): string => `data: {${HEAD},"choices":[${choice}]${rest}}\n\n`;
const piece = (text: string, index = 0): string =>
  `{"text":"${text}","index":${index},"logprobs":null,"finish_reason":null}`;

describe('a stream', () => {
  test('is a text completion a delta', () => {
    const deltas: Delta[] = [
      { type: 'start', choice: 0 },
      { type: 'text', choice: 0, text: 'a\n' },
      { type: 'text', choice: 1, text: 'b' },
      { type: 'finish', choice: 0, reason: 'length' },
      { type: 'usage', usage: USAGE },
    ];
    const end = '{"text":"","index":0,"logprobs":null,"finish_reason":"length"}';
    expect(streamed(deltas)).toBe(chunk(piece('a\\n')) + chunk(piece('b', 1)) + chunk(end));
    expect(streamed(deltas, { include_usage: true })).toBe(
      [piece('a\\n'), piece('b', 1), end].map((choice) => chunk(choice, ',"usage":null')).join('') +
        chunk('', `,"usage":${JSON.stringify(USAGE)}`),
    );
  });

  test('begins every choice with the prompt, once', () => {
    const stream = completionsSurface.open(job, { prompt: 'say "x"' });
    const entry = deltas(1, { type: 'start', choice: 0 }, { type: 'start', choice: 1 });
    expect(stream.write(entry)).toBe(chunk(piece('say \\"x\\"')) + chunk(piece('say \\"x\\"', 1)));
    expect(stream.write(attempt(2))).toBe('');
    expect(stream.write(entry)).toBe('');
  });
});

test.each<[string, Delta[], object[]]>([
  [
    'what is not text has no place',
    [
      { type: 'reasoning', choice: 0, text: 'hm' },
      { type: 'text', choice: 0, text: 'Let me see.' },
      { type: 'tool_call', choice: 0, call: 0, id: 'c', name: 'f', arguments: '{}' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
    ],
    [{ text: 'Let me see.', index: 0, logprobs: null, finish_reason: 'stop' }],
  ],
  [
    'a refusal is text',
    [
      { type: 'refusal', choice: 0, text: 'No.' },
      { type: 'finish', choice: 0, reason: 'content_filter' },
    ],
    [{ text: 'No.', index: 0, logprobs: null, finish_reason: 'content_filter' }],
  ],
  [
    'a partial text has no reason to end',
    [{ type: 'text', choice: 0, text: 'On' }],
    [{ text: 'On', index: 0, logprobs: null, finish_reason: null }],
  ],
])('%s, whole or streamed', (_name, deltas, choices) => {
  expect(whole(deltas)).toMatchObject({ object: 'text_completion', choices });
  const chunks = streamed(deltas)
    .split('\n\n')
    .filter(Boolean)
    .map((frame) => JSON.parse(frame.slice('data: '.length)).choices[0]);
  expect([{ ...chunks.at(-1), text: chunks.map(({ text }) => text).join('') }]).toEqual(choices);
});

test('a token called __proto__ is a token', () => {
  const token = { token: '__proto__', logprob: -1, bytes: null, top_logprobs: [] };
  const written = JSON.stringify(whole([{ type: 'text', choice: 0, text: '__proto__', logprobs: [token] }]));
  expect(written).toContain('"top_logprobs":[{"__proto__":-1}]');
});
