import { describe, expect, it } from 'vitest';
import type { Delta } from '../../src/core/delta.ts';
import { anthropicFormat } from '../../src/providers/formats/anthropic/format.ts';
import { begin, block, delta, end, event, start, text } from '../support/anthropic-events.ts';
import { decode } from '../support/decode.ts';
import type { Outcome } from '../support/provider-calls.ts';

function read(...events: string[]): Outcome {
  return decode(anthropicFormat(), [events.join('')]);
}

/** What the content of an answer amounts to, between its start and its finish. */
function content(...events: string[]): Delta[] {
  const { deltas, error } = read(begin(), ...events, end('end_turn'));
  expect(error).toBeNull();
  expect(deltas[0]).toEqual({ type: 'start', choice: 0 });
  expect(deltas.at(-2)).toMatchObject({ type: 'finish', reason: 'stop' });
  return deltas.slice(1, -2);
}

describe('an answer of Anthropic', () => {
  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['refusal', 'content_filter'],
    ['compaction', 'length'],
    ['pause_turn', 'stop'],
    ['model_context_window_exceeded', 'length'],
    ['constructor', 'stop'],
  ])('that ends for %s has finished by %s', (native, reason) => {
    const { deltas } = read(begin(), text(0, 'a'), end(native));
    expect(deltas.at(-2)).toEqual({ type: 'finish', choice: 0, reason, native });
  });

  it('that calls tools numbers them from 0, whatever stands between', () => {
    const tool = (id: string, name: string) => ({ type: 'tool_use', id, name, input: {} });
    const json = (partial_json: string) => ({ type: 'input_json_delta', partial_json });
    const { deltas } = read(
      begin(),
      text(0, 'a'),
      block(1, tool('t1', 'f'), json(''), json('{"x"'), json(':1}')),
      text(2, 'b'),
      block(3, tool('t2', 'g'), json('')),
      block(4, { ...tool('t3', 'h'), caller: { type: 'direct' } }),
      end('tool_use'),
    );
    expect(deltas.slice(1, -1)).toEqual([
      { type: 'text', choice: 0, text: 'a' },
      { type: 'tool_call', choice: 0, call: 0, id: 't1', name: 'f' },
      { type: 'tool_call', choice: 0, call: 0, arguments: '{"x"' },
      { type: 'tool_call', choice: 0, call: 0, arguments: ':1}' },
      { type: 'text', choice: 0, text: 'b' },
      { type: 'tool_call', choice: 0, call: 1, id: 't2', name: 'g' },
      { type: 'tool_call', choice: 0, call: 2, id: 't3', name: 'h' },
      { type: 'tool_call', choice: 0, call: 1, arguments: '{}' },
      { type: 'tool_call', choice: 0, call: 2, arguments: '{}' },
      { type: 'finish', choice: 0, reason: 'tool_calls', native: 'tool_use' },
    ]);
  });

  it('keeps who called a tool, where it was not the model itself', () => {
    const caller = { type: 'code_execution_20260120', tool_id: 'srvtoolu_1' };
    const [call] = content(block(0, { type: 'tool_use', id: 't', name: 'f', input: { x: 1 }, caller }));
    expect(call).toMatchObject({ id: 't', provider_specific_fields: { caller } });
  });

  it('that thinks closes each stretch with its signature', () => {
    const said = content(
      block(
        0,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'thinking_delta', thinking: 'hm, ' },
        { type: 'thinking_delta', thinking: 'so' },
        { type: 'signature_delta', signature: 'c2ln' },
      ),
      block(1, { type: 'thinking', thinking: '' }, { type: 'signature_delta', signature: 'bm9uZQ==' }),
      block(2, { type: 'redacted_thinking', data: 'ZGF0YQ==' }),
      block(3, { type: 'thinking', thinking: '' }, { type: 'thinking_delta', thinking: 'unsigned' }),
      text(4, 'yes'),
    );
    expect(said).toEqual([
      { type: 'reasoning', choice: 0, text: 'hm, ' },
      { type: 'reasoning', choice: 0, text: 'so' },
      {
        type: 'thinking_block',
        choice: 0,
        block: { type: 'thinking', thinking: 'hm, so', signature: 'c2ln' },
      },
      { type: 'thinking_block', choice: 0, block: { type: 'thinking', thinking: '', signature: 'bm9uZQ==' } },
      { type: 'thinking_block', choice: 0, block: { type: 'redacted_thinking', data: 'ZGF0YQ==' } },
      { type: 'reasoning', choice: 0, text: 'unsigned' },
      { type: 'text', choice: 0, text: 'yes' },
    ]);
  });

  it('cites sources on the web by address, others in their own words', () => {
    const web = {
      type: 'web_search_result_location',
      url: 'https://a.example',
      title: 'A',
      encrypted_index: 'e',
      cited_text: 'So.',
    };
    const page = { type: 'page_location', cited_text: 'c', document_index: 0, start_page_number: 1 };
    const cite = (citation: object) => ({ type: 'citations_delta', citation });
    const said = content(
      text(0, 'Grüße 🙂 '),
      block(
        1,
        { type: 'text', text: '', citations: [] },
        cite(web),
        { type: 'text_delta', text: 'fact' },
        cite(page),
      ),
    );
    expect(said.slice(2)).toEqual([
      {
        type: 'annotation',
        choice: 0,
        annotation: {
          type: 'url_citation',
          url_citation: {
            url: 'https://a.example',
            title: 'A',
            start_index: 8,
            end_index: 12,
            cited_text: 'So.',
            encrypted_index: 'e',
          },
        },
      },
      { type: 'annotation', choice: 0, annotation: { ...page, start_index: 8, end_index: 12 } },
    ]);
  });

  it('keeps the place of thinking that goes on behind what is Anthropic’s own', () => {
    const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } };
    const result = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] };
    const think = (index: number, thinking: string) =>
      block(
        index,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'thinking_delta', thinking },
        { type: 'signature_delta', signature: 's' },
      );
    const kept = (...blocks: string[]) =>
      content(...blocks).flatMap((one) => (one.type === 'provider_specific' ? [one.fields] : []));
    const signed = (thinking: string) => ({ type: 'thinking', thinking, signature: 's' });
    const before = [think(0, 'a'), block(1, search), block(2, result)];
    expect(kept(...before, think(3, 'b'), text(4, 'c'))).toEqual([
      { content_blocks: [signed('a'), search, result, signed('b')] },
    ]);
    expect(kept(...before, text(3, 'c'))).toEqual([{ content_blocks: [search, result] }]);
    expect(kept(think(0, 'a'), think(1, 'b'), text(2, 'c'))).toEqual([]);
  });

  it('keeps what is Anthropic’s own, and takes it for no call of the client’s', () => {
    const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };
    const result = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [{ url: 'u' }] };
    const said = content(
      block(0, { type: 'compaction', content: null }, { type: 'compaction_delta', content: 'So far' }),
      block(
        1,
        search,
        { type: 'input_json_delta', partial_json: '{"query"' },
        { type: 'input_json_delta', partial_json: ':"q"}' },
      ),
      block(2, result),
      block(3, { type: 'block_of_the_future', x: 1 }, { type: 'delta_of_the_future', y: 2 }),
      text(4, 'a'),
    );
    const kept = [
      { type: 'compaction', content: 'So far' },
      { ...search, input: { query: 'q' } },
      result,
      { type: 'block_of_the_future', x: 1 },
    ];
    expect(said).toEqual([
      { type: 'text', choice: 0, text: 'a' },
      { type: 'provider_specific', choice: 0, fields: { content_blocks: kept } },
    ]);
  });

  it('keeps the sequence that stopped it, why it refused, and its container', () => {
    const details = { type: 'refusal', category: 'cyber', explanation: null };
    const last = { stop_sequence: 'END', stop_details: details, container: { id: 'c' } };
    const { deltas } = read(begin(), end('refusal', last));
    expect(deltas[1]).toEqual({ type: 'provider_specific', choice: 0, fields: last });
  });

  it('in a schema, by a tool, is text and has stopped', () => {
    const tool = { type: 'tool_use', id: 't', name: 'sluice_structured_answer', input: {} };
    const json = (partial_json: string) => ({ type: 'input_json_delta', partial_json });
    const { deltas } = read(begin(), block(0, tool, json('{"n":'), json('1}')), end('tool_use'));
    expect(deltas.slice(1, -1)).toEqual([
      { type: 'text', choice: 0, text: '{"n":' },
      { type: 'text', choice: 0, text: '1}' },
      { type: 'finish', choice: 0, reason: 'stop', native: 'tool_use' },
    ]);
  });

  it('may have blocks in its beginning, and events that nobody knows', () => {
    const message = { content: [{ type: 'tool_use', id: 't0', name: 'f', input: { x: 1 } }], usage: {} };
    const { deltas } = read(
      event('message_start', { message }),
      event('event_of_the_future', { index: 0 }),
      block(0, { type: 'tool_use', id: 't1', name: 'g', input: {} }),
      event('message_start', { message: { usage: {} } }),
      end('tool_use'),
    );
    const calls = deltas.filter((one) => one.type === 'tool_call');
    expect(calls.map(({ call, id, arguments: args }) => [call, id, args])).toEqual([
      [0, 't0', undefined],
      [0, undefined, '{"x":1}'],
      [1, 't1', undefined],
      [1, undefined, '{}'],
    ]);
    expect(deltas.filter(({ type }) => type === 'start' || type === 'finish')).toHaveLength(2);
  });

  it('may lack the beginning of its text, and the reason for its end', () => {
    const said = read(begin(), delta(0, { type: 'text_delta', text: 'a' }), event('message_stop'));
    expect(said.error).toBeNull();
    expect(said.deltas.slice(1, 3)).toEqual([
      { type: 'text', choice: 0, text: 'a' },
      { type: 'finish', choice: 0, reason: 'stop', native: 'end_turn' },
    ]);
  });

  it('may leave its last block open', () => {
    const thinking = start(0, { type: 'thinking', thinking: 'hm', signature: 'c2ln' });
    expect(content(thinking).map(({ type }) => type)).toEqual(['reasoning', 'thinking_block']);
  });

  it('ends with its last message', () => {
    const { deltas, error } = read(begin(), text(0, 'a'), end('end_turn'), event('error', { error: {} }));
    expect(error).toBeNull();
    expect(deltas.at(-1)?.type).toBe('usage');
  });
});
