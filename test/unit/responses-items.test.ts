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

describe('reasoning', () => {
  const summary = (delta: string, summary_index = 0, output_index = 0) => ({
    type: 'response.reasoning_summary_text.delta',
    output_index,
    summary_index,
    delta,
  });
  const thought = (delta: string) => ({
    type: 'response.reasoning_text.delta',
    output_index: 0,
    content_index: 0,
    delta,
  });
  const item = {
    id: 'rs_1',
    type: 'reasoning',
    status: 'completed',
    summary: [
      { type: 'summary_text', text: 'One.' },
      { type: 'summary_text', text: 'Two.' },
    ],
    encrypted_content: 'gAAA',
  };
  const kept = { type: 'reasoning', id: 'rs_1', summary: item.summary, encrypted_content: 'gAAA' };
  const message = done(1, { type: 'message', content: [{ type: 'output_text', text: 'hi' }] });

  it('is its summary, in paragraphs', () => {
    const streamed = readEvents(
      summary('On'),
      summary('e.'),
      summary('Two.', 1),
      summary('Three.', 0, 2),
      done(0, item),
    );
    expect(streamed.message.reasoning_content).toBe('One.\n\nTwo.\n\nThree.');
    expect(readEvents(done(0, item)).message.reasoning_content).toBe('One.\n\nTwo.');
  });

  it('is its text where a server shows it, and never both', () => {
    expect(readEvents(thought('So'), thought('.'), summary('One.')).message.reasoning_content).toBe('So.');
    const shown = { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'So.' }] };
    expect(readEvents(done(0, shown)).message.reasoning_content).toBe('So.');
  });

  it('is kept encrypted, for the next turn, with what it led to', () => {
    const { message: said } = readEvents(done(0, item), message);
    expect(said.provider_specific_fields).toEqual({ reasoning_items: [kept] });
    const called = done(1, { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' });
    expect(readEvents(done(0, item), called).message.provider_specific_fields).toEqual({
      reasoning_items: [kept],
    });
  });

  it('is not kept where it led to nothing, or is not encrypted', () => {
    expect(readEvents(done(0, item)).message).not.toHaveProperty('provider_specific_fields');
    const search = done(1, { id: 'ws_1', type: 'web_search_call' });
    const fields = readEvents(done(0, item), search, message).message.provider_specific_fields;
    expect(fields).not.toHaveProperty('reasoning_items');
    const plain = done(0, { ...item, encrypted_content: null });
    expect(readEvents(plain, message).message).not.toHaveProperty('provider_specific_fields');
  });

  it('is taken from the end of the response where only that has it encrypted', () => {
    const output = [item, { type: 'message', content: [] }];
    const events = [CREATED, done(0, { ...item, encrypted_content: '' }), message, completed({ output })];
    const outcome = decodeEvents(...events);
    expect(completionOf(outcome).choices[0]?.message.provider_specific_fields).toEqual({
      reasoning_items: [kept],
    });
  });
});

describe('what OpenAI’s own tools did', () => {
  it('is kept and never taken for a call of the client’s', () => {
    const search = { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search' } };
    const { message, finish_reason } = readEvents(
      { type: 'response.output_item.added', output_index: 0, item: search },
      { type: 'response.web_search_call.in_progress', output_index: 0, item_id: 'ws_1' },
      { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' },
      { type: 'response.code_interpreter_call_code.delta', output_index: 0, delta: 'print()' },
      { type: 'response.mcp_call_arguments.delta', output_index: 0, delta: '{' },
      { type: 'response.of.the.future', output_index: 0 },
      done(0, search),
      text('hi', { output_index: 1 }),
    );
    expect(message).toEqual({
      role: 'assistant',
      content: 'hi',
      refusal: null,
      provider_specific_fields: { output_items: [search] },
    });
    expect(finish_reason).toBe('stop');
  });

  it('is shortened where it is long, and what it drew is an image', () => {
    const long = { id: 'ci_1', type: 'code_interpreter_call', status: 'completed', code: 'x'.repeat(40_000) };
    const drawn = { id: 'ig_1', type: 'image_generation_call', status: 'completed', output_format: 'webp' };
    const { message } = readEvents(done(0, long), done(1, { ...drawn, result: 'A'.repeat(40_000) }));
    expect(message.provider_specific_fields).toEqual({
      output_items: [{ id: 'ci_1', type: 'code_interpreter_call', status: 'completed' }, drawn],
      images: [{ type: 'image_url', image_url: { url: `data:image/webp;base64,${'A'.repeat(40_000)}` } }],
    });
  });

  it('does not hide the phase of what was said', () => {
    const { message } = readEvents(
      done(0, { type: 'message', phase: 'commentary', content: [] }),
      done(1, { type: 'message', phase: 'final_answer', content: [] }),
    );
    expect(message.provider_specific_fields).toEqual({ phase: 'final_answer' });
  });
});
