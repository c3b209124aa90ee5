import { describe, expect, test } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import { attempt, deltas, end, text } from '../support/log-entries.ts';
import { DIGITS, eventsOf, readLog } from '../support/response-log.ts';

const MSG = `msg_${DIGITS}_1`;
const RS = `rs_${DIGITS}_1`;

/** A response that is not there yet, with everything by default. */
const FIELDS =
  '"error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"max_tool_calls":null,' +
  '"model":"m","output":[],"parallel_tool_calls":true,"previous_response_id":null,"prompt_cache_key":null,' +
  '"reasoning":{"effort":null,"summary":null},"safety_identifier":null,"service_tier":"auto","store":true,' +
  '"temperature":1,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1,' +
  '"truncation":"disabled","usage":null,"user":null,"metadata":{}';
const snapshot = (status: string, background = false): string =>
  `{"id":"resp_${DIGITS}","object":"response","created_at":1700000000,"status":"${status}",` +
  `"background":${background},"access_programs":null,"completed_at":null,${FIELDS}}`;

test('text, byte by byte', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  const said: Delta[] = [{ type: 'start', choice: 0 }, text('Hé'), text('\n"y"')];
  const closing: Delta[] = [
    { type: 'finish', choice: 0, reason: 'stop' },
    { type: 'usage', usage },
  ];
  const log = [attempt(1), deltas(1, ...said), deltas(1, ...closing), end(1, { usage })];
  const place = `"item_id":"${MSG}","output_index":0,"content_index":0`;
  const part = '{"type":"output_text","annotations":[],"logprobs":[],"text":"Hé\\n\\"y\\""}';
  const item = `{"id":"${MSG}","type":"message","status":"completed","role":"assistant","content":[${part}]}`;
  const whole = snapshot('completed')
    .replace('"completed_at":null', '"completed_at":1700000009')
    .replace('"output":[]', `"output":[${item}]`)
    .replace(
      '"usage":null',
      '"usage":{"input_tokens":1,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},' +
        '"output_tokens":2,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":3}',
    );
  const added = `{"id":"${MSG}","type":"message","status":"in_progress","role":"assistant","content":[]}`;
  const empty = '{"type":"output_text","annotations":[],"logprobs":[],"text":""}';
  const expected: [string, string][] = [
    ['response.created', `"response":${snapshot('in_progress')}`],
    ['response.in_progress', `"response":${snapshot('in_progress')}`],
    ['response.output_item.added', `"output_index":0,"item":${added}`],
    ['response.content_part.added', `${place},"part":${empty}`],
    ['response.output_text.delta', `${place},"delta":"Hé","logprobs":[]`],
    ['response.output_text.delta', `${place},"delta":"\\n\\"y\\"","logprobs":[]`],
    ['response.output_text.done', `${place},"text":"Hé\\n\\"y\\"","logprobs":[]`],
    ['response.content_part.done', `${place},"part":${part}`],
    ['response.output_item.done', `"output_index":0,"item":${item}`],
    ['response.completed', `"response":${whole}`],
  ];
  expect(readLog(log)).toEqual({
    frames: expected.map(
      ([type, fields], n) => `event: ${type}\ndata: {"type":"${type}","sequence_number":${n},${fields}}\n\n`,
    ),
    ended: true,
  });
});

test('in the background it is queued first, and known at once', () => {
  const { frames } = readLog([], { background: true });
  const queued = `"response":${snapshot('queued', true)}}\n\n`;
  expect(frames).toEqual([
    `event: response.created\ndata: {"type":"response.created","sequence_number":0,${queued}`,
    `event: response.queued\ndata: {"type":"response.queued","sequence_number":1,${queued}`,
  ]);
});

describe('what an answer has', () => {
  const CALL = { type: 'tool_call', choice: 0 } as const;
  const FC = `fc_${DIGITS}_1_`;

  /** Type and own fields of all events but those about the whole response. */
  const events = (said: readonly Delta[], echo = {}) =>
    eventsOf([attempt(1), deltas(1, ...said), end(1)], echo)
      .filter(({ response }) => response === undefined)
      .map(({ sequence_number: _, ...event }) => event);
  const final = (said: readonly Delta[], echo = {}, outcome = {}) =>
    eventsOf([attempt(1), deltas(1, ...said), end(1, outcome)], echo).at(-1);

  test('calls of functions', () => {
    const said: Delta[] = [
      { ...CALL, call: 0, id: 'call_a', name: 'look' },
      { ...CALL, call: 0, arguments: '{"at":' },
      { ...CALL, call: 1, id: 'call_b', name: 'stop', provider_specific_fields: { thought_signature: 's' } },
      { ...CALL, call: 0, arguments: '1}' },
      { ...CALL, call: 1, arguments: '{}' },
    ];
    const item = (n: number, status: string, name: string, call_id: string, args: string) => {
      return { id: `${FC}${n}`, type: 'function_call', status, arguments: args, call_id, name };
    };
    const first = item(0, 'completed', 'look', 'call_a', '{"at":1}');
    const second = {
      ...item(1, 'completed', 'stop', 'call_b', '{}'),
      provider_specific_fields: { thought_signature: 's' },
    };
    const place = (n: number) => ({ item_id: `${FC}${n}`, output_index: n });
    const delta = 'response.function_call_arguments.delta';
    const done = 'response.function_call_arguments.done';
    expect(events(said)).toEqual([
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: item(0, 'in_progress', 'look', 'call_a', ''),
      },
      { type: delta, ...place(0), delta: '{"at":' },
      {
        type: 'response.output_item.added',
        output_index: 1,
        item: item(1, 'in_progress', 'stop', 'call_b', ''),
      },
      { type: delta, ...place(0), delta: '1}' },
      { type: delta, ...place(1), delta: '{}' },
      { type: done, ...place(0), name: 'look', arguments: '{"at":1}' },
      { type: 'response.output_item.done', output_index: 0, item: first },
      { type: done, ...place(1), name: 'stop', arguments: '{}' },
      { type: 'response.output_item.done', output_index: 1, item: second },
    ]);
    expect(final(said)?.response.output).toEqual([first, second]);
  });

  test('reasoning is content, and ends where the text begins', () => {
    const said: Delta[] = [{ type: 'reasoning', choice: 0, text: 'hm' }, text('yes')];
    const place = { item_id: RS, output_index: 0, content_index: 0 };
    const part = { type: 'reasoning_text', text: 'hm' };
    expect(events(said).slice(0, 6)).toEqual([
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { id: RS, type: 'reasoning', summary: [], content: [], status: 'in_progress' },
      },
      { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
      { type: 'response.reasoning_text.delta', ...place, delta: 'hm' },
      { type: 'response.reasoning_text.done', ...place, text: 'hm' },
      { type: 'response.content_part.done', ...place, part },
      expect.objectContaining({ type: 'response.output_item.added', output_index: 1 }),
    ]);
    expect(final(said)?.response.output[0]).toEqual({
      id: RS,
      type: 'reasoning',
      summary: [],
      content: [part],
      status: 'completed',
    });
  });

  test.each([
    ['asked for', { reasoning: { summary: 'auto' } }, {}],
    ['the only thing that its provider shows', {}, { summary: true } as const],
  ])('reasoning is a summary where that is %s', (_, echo, shown) => {
    const place = { item_id: RS, output_index: 0, summary_index: 0 };
    const part = { type: 'summary_text', text: 'hm' };
    expect(events([{ type: 'reasoning', choice: 0, text: 'hm', ...shown }], echo)).toEqual([
      expect.objectContaining({ type: 'response.output_item.added' }),
      { type: 'response.reasoning_summary_part.added', ...place, part: { ...part, text: '' } },
      { type: 'response.reasoning_summary_text.delta', ...place, delta: 'hm' },
      { type: 'response.reasoning_summary_text.done', ...place, text: 'hm' },
      { type: 'response.reasoning_summary_part.done', ...place, part },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { id: RS, type: 'reasoning', summary: [part], status: 'completed' },
      },
    ]);
  });

  test('what providers want back is sealed where it is asked for', () => {
    const block = { type: 'thinking', thinking: 'hm', signature: 'sig' } as const;
    const said: Delta[] = [{ type: 'thinking_block', choice: 0, block }, text('yes')];
    expect(final(said)?.response.output).toHaveLength(1);
    const [message, sealed] = final(said, { include_encrypted: true })?.response.output ?? [];
    expect(message.type).toBe('message');
    const kept = Buffer.from(JSON.stringify({ thinking_blocks: [block] })).toString('base64url');
    expect(sealed).toEqual({
      id: RS,
      type: 'reasoning',
      summary: [],
      encrypted_content: `sluice:${kept}`,
      status: 'completed',
    });
  });

  test('a refusal', () => {
    const said: Delta[] = [{ type: 'refusal', choice: 0, text: 'No.' }];
    const place = { item_id: MSG, output_index: 0, content_index: 0 };
    const part = { type: 'refusal', refusal: 'No.' };
    expect(events(said)).toEqual([
      expect.objectContaining({ type: 'response.output_item.added' }),
      { type: 'response.content_part.added', ...place, part: { type: 'refusal', refusal: '' } },
      { type: 'response.refusal.delta', ...place, delta: 'No.' },
      { type: 'response.refusal.done', ...place, refusal: 'No.' },
      { type: 'response.content_part.done', ...place, part },
      expect.objectContaining({ type: 'response.output_item.done' }),
    ]);
    expect(final(said)?.response.output[0].content).toEqual([part]);
  });

  test('annotations, and the probabilities of tokens', () => {
    const top_logprobs = [{ token: 'b', logprob: -2, bytes: [] }];
    const logprobs = [{ token: 'a', logprob: -1, bytes: [97], top_logprobs }];
    const bare = [{ token: 'b', logprob: -2, bytes: null }];
    const said: Delta[] = [
      {
        type: 'text',
        choice: 0,
        text: 'a',
        logprobs: [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: bare }],
      },
      {
        type: 'annotation',
        choice: 0,
        annotation: { type: 'url_citation', url_citation: { url: 'https://x.example' } },
      },
    ];
    const annotation = {
      type: 'url_citation',
      url: 'https://x.example',
      title: '',
      start_index: 0,
      end_index: 0,
    };
    const place = { item_id: MSG, output_index: 0, content_index: 0 };
    const all = events(said);
    expect(all).toContainEqual({ type: 'response.output_text.delta', ...place, delta: 'a', logprobs });
    expect(all).toContainEqual({
      type: 'response.output_text.annotation.added',
      ...place,
      annotation_index: 0,
      annotation,
    });
    const part = { type: 'output_text', annotations: [annotation], logprobs, text: 'a' };
    expect(all).toContainEqual({ type: 'response.content_part.done', ...place, part });
    expect(final(said)?.response.output[0].content).toEqual([part]);
  });

  test("calls of the provider's own tools, with what they drew", () => {
    const fields = {
      phase: 'final_answer',
      output_items: [
        { type: 'web_search_call', id: 'ws_1', status: 'completed' },
        { type: 'image_generation_call', id: 'ig_1', status: 'completed' },
      ],
      images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } }],
    };
    const said: Delta[] = [text('x'), { type: 'provider_specific', choice: 0, fields }];
    const { output } = final(said)?.response ?? {};
    expect(output[0]).toMatchObject({ type: 'message', phase: 'final_answer' });
    expect(output.slice(1)).toEqual([
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'QUJD' },
    ]);
    expect(events(said).slice(-4)).toEqual([
      { type: 'response.output_item.added', output_index: 1, item: output[1] },
      { type: 'response.output_item.done', output_index: 1, item: output[1] },
      { type: 'response.output_item.added', output_index: 2, item: output[2] },
      { type: 'response.output_item.done', output_index: 2, item: output[2] },
    ]);
  });

  test('text that goes on behind a call is a message of its own', () => {
    const said: Delta[] = [text('a'), { ...CALL, call: 0, id: 'c', name: 'f', arguments: '{}' }, text('b')];
    const parts = events(said).filter(({ type }) => type.startsWith('response.content_part'));
    expect(parts.map(({ type, content_index: index, part }) => [type, index, part.text])).toEqual([
      ['response.content_part.added', 0, ''],
      ['response.content_part.done', 0, 'a'],
      ['response.content_part.added', 0, ''],
      ['response.content_part.done', 0, 'b'],
    ]);
    const { output } = final(said)?.response ?? {};
    expect(output.map(({ type }: { type: string }) => type)).toEqual(['message', 'function_call', 'message']);
    expect([output[0].content[0].text, output[2].content[0].text]).toEqual(['a', 'b']);
    expect(output[2].id).toBe(`${output[0].id}_1`);
  });
});
