import { describe, expect, test } from 'vitest';
import { anthropicSluice, ask, plain } from '../support/anthropic-client.ts';

const { client, job } = await anthropicSluice();

describe('an answer', () => {
  test('create', async () => {
    const message = await client().messages.create(ask('one two three'));
    expect(message).toMatchObject({
      id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
      type: 'message',
      role: 'assistant',
      model: 'scripted/echo',
      content: [{ type: 'text', text: 'one two three' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 3 },
    });
    expect(message._request_id).toMatch(/^req_[0-9a-f]{32}$/);
    const { url, result } = await job(message.id);
    expect([url, result]).toEqual(['/v1/messages', JSON.parse(JSON.stringify(message))]);
  });

  test.each([
    ['text', { text: 'one two three' }],
    ['nothing', { text: '' }],
    ['thoughts', { reasoning: 'let me see', text: 'four' }],
    [
      'calls of tools',
      { tool_calls: [{ name: 'weather', arguments: { city: 'Zürich', days: 3 } }, { name: 'now' }] },
    ],
    [
      'text and a call',
      { text: 'I look.', tool_calls: [{ id: 'toolu_1', name: 'weather', arguments: '{"city":"Bern"}' }] },
    ],
    ['a text cut off', { text: 'one two', finish_reason: 'length' }],
    ['a refusal', { text: 'No.', finish_reason: 'content_filter' }],
  ])('%s: the stream helper ends with the message that create gives', async (_, options) => {
    const whole = await client().messages.create(ask(options));
    const stream = client().messages.stream(ask(options));
    const streamed = await stream.finalMessage();
    expect({ ...plain(streamed), id: whole.id }).toEqual(plain(whole));
  });

  test('events as they come', async () => {
    const stream = await client().messages.create({ ...ask('one two'), stream: true });
    const events = await Array.fromAsync(stream);
    expect(events.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });
});
