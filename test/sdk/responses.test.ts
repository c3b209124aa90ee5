import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';
import { ask, responsesSluice } from '../support/responses-sluice.ts';

const { client: connect, jobCount } = await responsesSluice();

describe.each(OPENAI_VERSIONS)('%s', (_, Client) => {
  const client = (): OpenAI => connect(Client);

  test('create', async () => {
    const response = await client().responses.create(ask('one two three', { metadata: { a: 'b' } }));
    expect(response).toMatchObject({
      id: expect.stringMatching(/^resp_[0-9a-f]{32}$/),
      object: 'response',
      status: 'completed',
      model: 'scripted/echo',
      background: false,
      error: null,
      incomplete_details: null,
      instructions: null,
      metadata: { a: 'b' },
      output_text: 'one two three',
      parallel_tool_calls: true,
      temperature: 1,
      tool_choice: 'auto',
      tools: [],
      top_p: 1,
      output: [
        {
          id: expect.stringMatching(/^msg_/),
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'one two three', annotations: [], logprobs: [] }],
        },
      ],
      usage: {
        input_tokens: 1,
        input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        output_tokens: 3,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 4,
      },
    });
    expect(response._request_id).toMatch(/^req_/);
    const { _request_id: _, ...same } = response;
    const { _request_id: __, ...retrieved } = await client().responses.retrieve(response.id);
    expect(retrieved).toEqual(same);
  });

  test('stream: events in order, numbered from 0', async () => {
    const stream = await client().responses.create(ask('one two', { stream: true } as const));
    const events = await Array.fromAsync(stream);
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual([...events.keys()]);
    const last = events.at(-1);
    if (last?.type !== 'response.completed') throw new Error('There is no end.');
    const { output_text: _, ...whole } = last.response;
    const {
      output_text: __,
      _request_id: ___,
      ...retrieved
    } = await client().responses.retrieve(last.response.id);
    expect(retrieved).toEqual(whole);
  });

  test('the stream helper', async () => {
    const stream = client().responses.stream(
      ask({
        reasoning: 'let me think',
        text: 'one two',
        tool_calls: [{ name: 'look', arguments: { at: 1 } }],
      }),
    );
    const response = await stream.finalResponse();
    expect(response.status).toBe('completed');
    expect(response.output_text).toBe('one two');
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call']);
  });

  test('a failure before anything was said has its own status', async () => {
    const failing = client().responses.create(ask({ error_status: 400 }));
    await expect(failing).rejects.toMatchObject({ status: 400, code: 'upstream_bad_request' });
    const streaming = client().responses.create(ask({ error_status: 400 }, { stream: true } as const));
    await expect(streaming).rejects.toMatchObject({ status: 400, code: 'upstream_bad_request' });
  });

  test('background: polled to its end', async () => {
    const response = await client().responses.create(ask('one two', { background: true }));
    expect(response).toMatchObject({ status: 'queued', background: true, output: [], output_text: '' });
    const done = await eventually('the end', async () => {
      const now = await client().responses.retrieve(response.id);
      return now.status === 'completed' && now;
    });
    expect(done.output_text).toBe('one two');
  });

  test('background and stream: dropped, then taken up again', async () => {
    const stream = await client().responses.create(
      ask({ text: 'a b c d e f', delay_ms: 30 }, { background: true, stream: true } as const),
    );
    let id = '';
    let last = -1;
    let text = '';
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id;
      if (event.type === 'response.output_text.delta') text += event.delta;
      last = event.sequence_number;
      if (text.length > 2) break;
    }
    const rest = await client().responses.retrieve(id, { stream: true, starting_after: last });
    for await (const event of rest) {
      expect(event.sequence_number).toBe(last + 1);
      last = event.sequence_number;
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe('a b c d e f');
    const helper = client().responses.stream({ response_id: id, starting_after: 5 });
    expect((await helper.finalResponse()).output_text).toBe('a b c d e f');
  });

  test('cancel, twice', async () => {
    const { id } = await client().responses.create(ask({ text: 'a b', hang_after: 1 }, { background: true }));
    await eventually('its beginning', async () => {
      return (await client().responses.retrieve(id)).status === 'in_progress';
    });
    const cancelled = await client().responses.cancel(id);
    expect(cancelled).toMatchObject({ id, status: 'cancelled', error: null });
    const { _request_id: _, ...first } = cancelled;
    const { _request_id: __, ...second } = await client().responses.cancel(id);
    expect(second).toEqual(first);
  });

  test.each([
    [{ text: 'half', finish_reason: 'length' }, 'incomplete', { reason: 'max_output_tokens' }],
    [{ text: 'half', finish_reason: 'content_filter' }, 'incomplete', { reason: 'content_filter' }],
  ])('the stream helper, where %j ends it', async (options, status, incomplete_details) => {
    const response = await client().responses.stream(ask(options)).finalResponse();
    expect(response).toMatchObject({ status, incomplete_details, output_text: 'half' });
    expect(await client().responses.create(ask(options))).toMatchObject({ status, incomplete_details });
  });

  test('the stream helper, where it fails after it has begun', async () => {
    const options = { reasoning: 'hm', text: 'half way', delay_ms: 30, error_after: 2, error_status: 400 };
    const response = await client().responses.stream(ask(options)).finalResponse();
    expect(response).toMatchObject({ status: 'failed', error: { code: 'invalid_prompt' } });
  });

  test('the stream helper, where it is cancelled, and where it is followed afterwards', async () => {
    const stream = client().responses.stream(
      ask(
        { text: 'half way', delay_ms: 30, hang_after: 1, tool_calls: [{ name: 'f' }] },
        { background: true },
      ),
    );
    let id = '';
    stream.on('response.created', ({ response }) => {
      id = response.id;
    });
    stream.on('response.output_text.delta', () => void client().responses.cancel(id));
    const response = await stream.finalResponse();
    expect(response).toMatchObject({ status: 'cancelled', output_text: 'half ' });
    const again = await client().responses.stream({ response_id: id }).finalResponse();
    expect(again).toMatchObject({ id, status: 'cancelled', output_text: 'half ' });
  });

  test('the stream helper, where a later attempt has answered', async () => {
    const options = { text: 'a b c', delay_ms: 40, error_after: 2, fail_attempts: 1 };
    const stream = client().responses.stream(ask(options, { background: true }));
    let id = '';
    stream.on('response.created', ({ response }) => {
      id = response.id;
    });
    await expect(stream.finalResponse()).rejects.toMatchObject({ code: 'attempt_interrupted' });
    const again = await client().responses.stream({ response_id: id }).finalResponse();
    expect(again).toMatchObject({ id, status: 'completed', output_text: 'a b c' });
  });

  test('delete, then 404', async () => {
    const { id } = await client().responses.create(ask('gone'));
    await client().responses.delete(id);
    await expect(client().responses.retrieve(id)).rejects.toMatchObject({
      status: 404,
      error: { message: `Response with id '${id}' not found.`, type: 'invalid_request_error' },
    });
    expect(await jobCount()).toBeGreaterThan(0);
  });
});
