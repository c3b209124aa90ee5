import { describe, expect, it } from 'vitest';
import {
  CREATED,
  completed,
  completionOf,
  decodeEvents,
  done,
  readEvents,
  text,
} from '../support/response-events.ts';

describe('text', () => {
  it('comes from several parts of several messages, in their order', () => {
    const { message, finish_reason, service_tier } = readEvents(
      text('a'),
      text('b', { content_index: 1 }),
      text('c', { output_index: 2 }),
    );
    expect(message.content).toBe('abc');
    expect([finish_reason, service_tier]).toEqual(['stop', 'flex']);
  });

  it('is told once, however often it is repeated, and also where it does not stream', () => {
    const part = { type: 'output_text', text: 'ab', annotations: [] };
    const message = { type: 'message', content: [part] };
    const whole = [
      { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'ab' },
      { type: 'response.content_part.done', output_index: 0, content_index: 0, part },
      done(0, message),
    ];
    expect(readEvents(text('a'), text('b'), ...whole).message.content).toBe('ab');
    expect(readEvents(...whole).message.content).toBe('ab');
    const outcome = decodeEvents(completed({ output: [message] }));
    expect(completionOf(outcome).choices[0]).toMatchObject({
      message: { content: 'ab' },
      finish_reason: 'stop',
    });
    // The reasoning that came before it is not listed.
    const listed = [CREATED, text('ab', { output_index: 1 }), completed({ output: [message] })];
    const streamed = decodeEvents(...listed);
    expect(completionOf(streamed).choices[0]?.message.content).toBe('ab');
  });

  it('has log probabilities in the shape of chat completions', () => {
    const top = [
      { token: 'a', logprob: -0.1, bytes: [97] },
      { token: 'b', logprob: -2 },
    ];
    const { logprobs } = readEvents(
      text('a', { logprobs: [{ token: 'a', logprob: -0.1, top_logprobs: top }] }),
    );
    expect(logprobs?.content).toEqual([
      {
        token: 'a',
        logprob: -0.1,
        bytes: null,
        top_logprobs: [
          { token: 'a', logprob: -0.1, bytes: [97] },
          { token: 'b', logprob: -2, bytes: null },
        ],
      },
    ]);
  });

  it('may be a refusal', () => {
    const refused = { type: 'response.refusal.delta', output_index: 0, content_index: 0 };
    const whole = done(0, { type: 'message', content: [{ type: 'refusal', refusal: 'No, no.' }] });
    for (const events of [[{ ...refused, delta: 'No, ' }, { ...refused, delta: 'no.' }, whole], [whole]]) {
      const { message, finish_reason } = readEvents(...events);
      expect(message).toMatchObject({ content: null, refusal: 'No, no.' });
      expect(finish_reason).toBe('stop');
    }
  });
});

describe('sources', () => {
  const cited = { type: 'url_citation', url: 'https://a.test', title: 'A', start_index: 0, end_index: 2 };

  it('are annotations, with offsets into the whole content', () => {
    const added = { type: 'response.output_text.annotation.added', content_index: 0, annotation: cited };
    const { message } = readEvents(
      text('🙂b'),
      { ...added, output_index: 0 },
      text('cd', { output_index: 1 }),
      { ...added, output_index: 1 },
      done(1, { type: 'message', content: [{ type: 'output_text', text: 'cd', annotations: [cited] }] }),
    );
    const { type: _, ...first } = cited;
    expect(message.annotations).toEqual([
      { type: 'url_citation', url_citation: first },
      { type: 'url_citation', url_citation: { ...first, start_index: 2, end_index: 4 } },
    ]);
  });

  it('may be files, and may stand only in the finished message', () => {
    const file = { type: 'file_citation', file_id: 'file-1', filename: 'a.pdf', index: 3 };
    const content = [{ type: 'output_text', text: 'ab', annotations: [file, null, cited] }];
    const { message } = readEvents(text('ab'), done(0, { type: 'message', content }));
    expect(message.annotations).toMatchObject([
      { type: 'file_citation', file_citation: { file_id: 'file-1', filename: 'a.pdf', index: 3 } },
      { type: 'url_citation', url_citation: { url: 'https://a.test' } },
    ]);
  });
});

describe('calls', () => {
  const item = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'look' };
  const piece = (delta: string) => ({
    type: 'response.function_call_arguments.delta',
    item_id: 'fc_1',
    output_index: 3,
    delta,
  });
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: 'look', arguments: '{"a":1}' },
  };

  it('have the id of the call, whatever the item’s is, and numbers from 0', () => {
    const { message, finish_reason, deltas } = readEvents(
      { type: 'response.output_item.added', output_index: 3, item: { ...item, arguments: '' } },
      piece('{"a"'),
      piece(':1}'),
      { type: 'response.function_call_arguments.done', output_index: 3, arguments: '{"a":1}' },
      done(3, { ...item, arguments: '{"a":1}' }),
      done(5, { ...item, call_id: 'call_2', name: 'stop', arguments: '' }),
    );
    expect(finish_reason).toBe('tool_calls');
    expect(message.tool_calls).toEqual([
      call,
      { id: 'call_2', type: 'function', function: { name: 'stop', arguments: '{}' } },
    ]);
    expect(deltas.flatMap((delta) => (delta.type === 'tool_call' ? delta.call : []))).toEqual([
      0, 0, 0, 1, 1,
    ]);
  });

  it('come whole from servers that do not stream them', () => {
    expect(readEvents(done(3, { ...item, arguments: '{"a":1}' })).message.tool_calls).toEqual([call]);
  });

  it('are told apart by their items where there are no indices', () => {
    const { message } = readEvents(
      { type: 'response.output_item.added', item_id: 'fc_1', item },
      { type: 'response.output_item.added', item_id: 'fc_2', item: { ...item, call_id: 'call_2' } },
      { type: 'response.function_call_arguments.delta', item_id: 'fc_1', delta: '{"a":1}' },
      { type: 'response.function_call_arguments.delta', item_id: 'fc_2', delta: '{"b":2}' },
    );
    expect(message.tool_calls?.map(({ id, function: called }) => [id, called.arguments])).toEqual([
      ['call_1', '{"a":1}'],
      ['call_2', '{"b":2}'],
    ]);
  });
});
