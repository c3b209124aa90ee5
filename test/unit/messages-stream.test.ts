import { describe, expect, it } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import type { LogEntry } from '../../src/core/log-entry.ts';
import { messagesSurface } from '../../src/surfaces/messages/surface.ts';
import type { StreamedJob } from '../../src/surfaces/surface.ts';
import { end, entries, finish, start, text, usage } from '../support/log-entries.ts';

const JOB: StreamedJob = {
  id: 'job_0123456789abcdef0123456789abcdef',
  model: 'm',
  createdAt: 0,
  metadata: null,
  stored: false,
};

/** The events of a log, and whether the stream has ended. */
function read(log: readonly LogEntry[]) {
  const stream = messagesSurface.open(JOB, null);
  expect(stream.begin()).toBe('');
  const bytes = log.map((entry) => stream.write(entry)).join('');
  return { bytes, ended: stream.ended };
}

/** The content blocks' events of these deltas. */
function contentOf(...deltas: Delta[]): string[] {
  const { bytes } = read(entries(start(), ...deltas, finish('stop')));
  return bytes
    .split('\n\n')
    .filter((frame) => frame.startsWith('event: content_block_'))
    .map((frame) => frame.replace(/^event: (\w+)\ndata: \{"type":"\1",/, '{'));
}

const reasoning = (piece: string): Delta => ({ type: 'reasoning', choice: 0, text: piece });
const call = (number: number, rest: object): Delta => ({
  type: 'tool_call',
  choice: 0,
  call: number,
  ...rest,
});

describe('a stream', () => {
  it('is written in these bytes', () => {
    const counts = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
    const details = { prompt_tokens_details: { cached_tokens: 4, cache_creation_tokens: 3 } };
    const log = entries(
      start(),
      text('Hi'),
      text(' "you"\n'),
      finish('length'),
      usage({ ...counts, ...details }),
    );
    expect(read(log)).toEqual({
      ended: true,
      bytes: `event: message_start
data: {"type":"message_start","message":{"id":"msg_0123456789abcdef0123456789abcdef","type":"message","role":"assistant","model":"m","diagnostics":null,"content":[],"container":null,"stop_details":null,"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":null,"output_tokens":0,"output_tokens_details":null,"server_tool_use":null,"service_tier":null,"inference_geo":null,"speed":null}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":null}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" \\"you\\"\\n"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"container":null,"stop_details":null,"stop_reason":"max_tokens","stop_sequence":null},"usage":{"input_tokens":2,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"cache_creation":null,"output_tokens":2,"output_tokens_details":null,"server_tool_use":null,"service_tier":null,"inference_geo":null,"speed":null}}

event: message_stop
data: {"type":"message_stop"}

`,
    });
  });

  it('says what went in where that is known before the first piece', () => {
    const counts = { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 };
    expect(read(entries(start(), usage(counts), text('a'))).bytes).toContain('"usage":{"input_tokens":5,');
  });

  it.each<[string, Delta[], string[]]>([
    ['nothing', [text('')], []],
    [
      'thinking that nobody signed, then text',
      [reasoning('hm'), reasoning('!'), text('a')],
      [
        '{"index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}',
        '{"index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}',
        '{"index":0,"delta":{"type":"thinking_delta","thinking":"!"}}',
        '{"index":0}',
        '{"index":1,"content_block":{"type":"text","text":"","citations":null}}',
        '{"index":1,"delta":{"type":"text_delta","text":"a"}}',
        '{"index":1}',
      ],
    ],
    [
      'thinking, signed, and more of it',
      [
        reasoning('hm'),
        { type: 'thinking_block', choice: 0, block: { type: 'thinking', thinking: 'hm', signature: 's1' } },
        { type: 'thinking_block', choice: 0, block: { type: 'redacted_thinking', data: 'x' } },
        { type: 'thinking_block', choice: 0, block: { type: 'thinking', thinking: '', signature: 's2' } },
        reasoning('so'),
      ],
      [
        '{"index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}',
        '{"index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}',
        '{"index":0,"delta":{"type":"signature_delta","signature":"s1"}}',
        '{"index":0}',
        '{"index":1,"content_block":{"type":"redacted_thinking","data":"x"}}',
        '{"index":1}',
        '{"index":2,"content_block":{"type":"thinking","thinking":"","signature":""}}',
        '{"index":2,"delta":{"type":"signature_delta","signature":"s2"}}',
        '{"index":2}',
        '{"index":3,"content_block":{"type":"thinking","thinking":"","signature":""}}',
        '{"index":3,"delta":{"type":"thinking_delta","thinking":"so"}}',
        '{"index":3}',
      ],
    ],
    [
      'thinking that is told with its signature only',
      [{ type: 'thinking_block', choice: 0, block: { type: 'thinking', thinking: 'hm', signature: 's' } }],
      [
        '{"index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}',
        '{"index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}',
        '{"index":0,"delta":{"type":"signature_delta","signature":"s"}}',
        '{"index":0}',
      ],
    ],
    [
      'calls of tools, a late piece of the first among them',
      [
        call(0, { id: 'a', name: 'one' }),
        call(0, { arguments: '{"x":' }),
        call(1, {
          id: 'b',
          name: 'two',
          provider_specific_fields: { caller: { type: 'c' }, thought_signature: 't' },
        }),
        call(0, { arguments: '1}' }),
      ],
      [
        '{"index":0,"content_block":{"type":"tool_use","id":"a","name":"one","input":{},"caller":{"type":"direct"}}}',
        '{"index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"x\\":"}}',
        '{"index":0}',
        '{"index":1,"content_block":{"type":"tool_use","id":"b","name":"two","input":{},"caller":{"type":"c"},"provider_specific_fields":{"thought_signature":"t"}}}',
        '{"index":0,"delta":{"type":"input_json_delta","partial_json":"1}"}}',
        '{"index":1}',
      ],
    ],
    [
      'text, what it rests on, and more text; an address alone has no place',
      [
        text('a'),
        {
          type: 'annotation',
          choice: 0,
          annotation: { type: 'page_location', cited_text: 'p', start_index: 0, end_index: 1 },
        },
        {
          type: 'annotation',
          choice: 0,
          annotation: { type: 'url_citation', url_citation: { url: 'https://x' } },
        },
        {
          type: 'annotation',
          choice: 0,
          annotation: {
            type: 'url_citation',
            url_citation: { url: 'https://y', cited_text: 'y', encrypted_index: 'e', end_index: 1 },
          },
        },
        text('b'),
      ],
      [
        '{"index":0,"content_block":{"type":"text","text":"","citations":null}}',
        '{"index":0,"delta":{"type":"text_delta","text":"a"}}',
        '{"index":0,"delta":{"type":"citations_delta","citation":{"type":"page_location","cited_text":"p"}}}',
        '{"index":0,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://y","title":null,"cited_text":"y","encrypted_index":"e"}}}',
        '{"index":0}',
        '{"index":1,"content_block":{"type":"text","text":"","citations":null}}',
        '{"index":1,"delta":{"type":"text_delta","text":"b"}}',
        '{"index":1}',
      ],
    ],
    [
      'a refusal in a block of its own',
      [text('a'), { type: 'refusal', choice: 0, text: 'no' }],
      [
        '{"index":0,"content_block":{"type":"text","text":"","citations":null}}',
        '{"index":0,"delta":{"type":"text_delta","text":"a"}}',
        '{"index":0}',
        '{"index":1,"content_block":{"type":"text","text":"","citations":null}}',
        '{"index":1,"delta":{"type":"text_delta","text":"no"}}',
        '{"index":1}',
      ],
    ],
    [
      "blocks of Anthropic's own at the end, without the thinking among them",
      [
        text('a'),
        {
          type: 'provider_specific',
          choice: 0,
          fields: {
            content_blocks: [
              { type: 'server_tool_use', id: 's' },
              { type: 'thinking', thinking: 'x' },
            ],
          },
        },
      ],
      [
        '{"index":0,"content_block":{"type":"text","text":"","citations":null}}',
        '{"index":0,"delta":{"type":"text_delta","text":"a"}}',
        '{"index":0}',
        '{"index":1,"content_block":{"type":"server_tool_use","id":"s"}}',
        '{"index":1}',
      ],
    ],
    ['of several choices the first', [{ type: 'text', choice: 1, text: 'b' }], []],
  ])('of %s', (_, deltas, frames) => {
    expect(contentOf(...deltas)).toEqual(frames);
  });
});

describe('a second attempt', () => {
  const failed = { message: 'Gone.', type: 'server_error', param: null, code: 'upstream_error' };
  const retry: LogEntry = {
    kind: 'retry',
    offset: { epoch: 1, seq: 9 },
    retry: { epoch: 1, error: failed, at: 0 },
  };

  it('before any content leaves no trace', () => {
    const began = entries(start(), usage({ prompt_tokens: 7, completion_tokens: 0, total_tokens: 7 })).slice(
      0,
      2,
    );
    const second = entries(start(), text('a'), finish('stop'));
    expect(read([...began, retry, ...second])).toEqual(read(second));
  });

  it('behind content is an error that names the job', () => {
    const { bytes, ended } = read([...entries(start(), text('a')).slice(0, 2), retry]);
    const last = bytes.trimEnd().split('\n\n').at(-1);
    expect(ended).toBe(true);
    expect(last).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"The attempt that produced this text ended early; the job goes on. Follow GET /v1/jobs/job_0123456789abcdef0123456789abcdef/events or poll GET /v1/jobs/job_0123456789abcdef0123456789abcdef."}}',
    );
  });

  it.each([
    ['upstream_overloaded', 'overloaded_error'],
    ['rate_limit_exceeded', 'rate_limit_error'],
    ['upstream_timeout', 'timeout_error'],
    ['job_cancelled', 'conflict_error'],
  ])('a job that fails with %s ends in %s', (code, type) => {
    const log = [
      ...entries(start(), text('a')).slice(0, 2),
      end(1, { status: 'failed', finish_reason: null, error: { ...failed, code } }),
    ];
    const { bytes, ended } = read(log);
    expect(ended).toBe(true);
    expect(bytes).toMatch(
      new RegExp(`event: error\\ndata: {"type":"error","error":{"type":"${type}","message":"Gone."}}\\n\\n$`),
    );
  });
});
