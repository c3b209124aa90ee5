import type { OpenAI } from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { zodTextFormat as zodTextFormat6 } from 'openai-6/helpers/zod';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { chunk, DONE } from '../support/openai-stream.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';
import { ask, responsesSluice } from '../support/responses-sluice.ts';

const { client: connect, upstream, sent } = await responsesSluice();

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
/** What the upstream server streams as the answer of OpenAI's own responses. */
const answer = (...output: object[]) => ({
  steps: [
    event('response.created', { response: { status: 'in_progress' } }),
    ...output.map((item, output_index) => event('response.output_item.done', { output_index, item })),
    event('response.completed', { response: { status: 'completed', output } }),
  ],
});
const said = (text: string) => ({
  id: 'msg_up',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  phase: 'final_answer',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
});
const thought = {
  id: 'rs_up',
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: 'I look.' }],
  encrypted_content: 'gAAA',
};
const called = {
  id: 'fc_up',
  type: 'function_call',
  call_id: 'call_1',
  name: 'weather',
  arguments: '{"at":"Rome"}',
  status: 'completed',
};
const tools: OpenAI.Responses.FunctionTool[] = [
  {
    type: 'function',
    name: 'weather',
    strict: true,
    parameters: {
      type: 'object',
      properties: { at: { type: 'string' } },
      required: ['at'],
      additionalProperties: false,
    },
  },
];

describe.each(OPENAI_VERSIONS)('%s', (name, Client) => {
  const client = (): OpenAI => connect(Client);
  const textFormat = name === 'openai 6' ? (zodTextFormat6 as typeof zodTextFormat) : zodTextFormat;

  test('parse, with a schema', async () => {
    const schema = z.object({ city: z.string() });
    const response = await client().responses.parse(
      ask('{"city":"Rome"}', { text: { format: textFormat(schema, 'place') } }),
    );
    expect(response.output_parsed).toEqual({ city: 'Rome' });
    expect(response.text?.format).toMatchObject({ type: 'json_schema', name: 'place', strict: true });
  });

  test('a conversation that moves between providers', async () => {
    const first = await client().responses.create(ask('I am Ada.', { instructions: 'Be brief.' }));
    upstream.script(answer(thought, said('Hello Ada.')));
    const second = await client().responses.create({
      model: 'gpt-responses',
      instructions: 'Be kind.',
      input: 'Greet me.',
      previous_response_id: first.id,
    });
    expect(second).toMatchObject({ previous_response_id: first.id, output_text: 'Hello Ada.' });
    const text = (type: string, value: string) => [{ type, text: value }];
    expect(sent()).toMatchObject({
      instructions: 'Be kind.',
      input: [
        { type: 'message', role: 'user', content: text('input_text', 'zanzibar') },
        { type: 'message', role: 'assistant', content: text('output_text', 'I am Ada.') },
        { type: 'message', role: 'user', content: text('input_text', 'Greet me.') },
      ],
    });
    upstream.script({ steps: [chunk({ content: 'Bye.' }), chunk({}, { finish_reason: 'stop' }), DONE] });
    const third = await client().responses.create({
      model: 'gpt-chat',
      input: 'Part.',
      previous_response_id: second.id,
    });
    expect(third.output_text).toBe('Bye.');
    expect(
      sent().messages.map(({ role, content }: { role: string; content: string }) => [role, content]),
    ).toEqual([
      ['user', 'zanzibar'],
      ['assistant', 'I am Ada.'],
      ['user', 'Greet me.'],
      ['assistant', 'Hello Ada.'],
      ['user', 'Part.'],
    ]);
    upstream.script(answer(said('Again.')));
    await client().responses.create({ model: 'gpt-responses', input: 'x', previous_response_id: third.id });
    // What OpenAI thought two turns ago comes back to it as it was.
    expect(sent().input.slice(3, 5)).toEqual([
      thought,
      {
        type: 'message',
        role: 'assistant',
        phase: 'final_answer',
        content: text('output_text', 'Hello Ada.'),
      },
    ]);
  });

  test('a tool, by the id of the response before', async () => {
    upstream.script(answer(thought, called));
    const asked = await client().responses.create({ model: 'gpt-responses', input: 'Rain?', tools });
    expect(asked.output.map(({ type }) => type)).toEqual(['reasoning', 'function_call']);
    const include = ['reasoning.encrypted_content' as const];
    const retrieved = await client().responses.retrieve(asked.id, { include });
    expect(asked.output[0]).not.toHaveProperty('encrypted_content');
    expect(retrieved.output).toEqual([
      { ...asked.output[0], encrypted_content: expect.stringMatching(/^sluice:/) },
      asked.output[1],
    ]);
    const [, call] = asked.output;
    if (call?.type !== 'function_call') throw new Error('Nothing was called.');
    expect(call).toMatchObject({ call_id: 'call_1', name: 'weather', arguments: '{"at":"Rome"}' });
    upstream.script(answer(said('No.')));
    const done = await client().responses.create({
      model: 'gpt-responses',
      input: [{ type: 'function_call_output', call_id: call.call_id, output: 'dry' }],
      previous_response_id: asked.id,
      tools,
    });
    expect(done.output_text).toBe('No.');
    expect(sent().input.slice(1)).toEqual([
      thought,
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"at":"Rome"}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'dry' },
    ]);
    expect(sent().tools).toEqual(tools);
  });

  test.each(['whole', 'streamed'])('a tool, by sending the output back: %s', async (how) => {
    upstream.script(answer(thought, called));
    const request = {
      model: 'gpt-responses',
      input: 'Rain?',
      tools,
      store: false,
      include: ['reasoning.encrypted_content' as const],
    };
    const asked =
      how === 'whole'
        ? await client().responses.create(request)
        : await client().responses.stream(request).finalResponse();
    const [reasoning] = asked.output;
    expect(reasoning).toMatchObject({
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'I look.' }],
      encrypted_content: expect.stringMatching(/^sluice:/),
    });
    upstream.script(answer(said('No.')));
    await client().responses.create({
      ...request,
      input: [
        { role: 'user', content: 'Rain?' },
        ...(asked.output as OpenAI.Responses.ResponseInputItem[]),
        { type: 'function_call_output', call_id: 'call_1', output: 'dry' },
      ],
    });
    expect(sent().input.slice(1)).toEqual([
      thought,
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"at":"Rome"}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'dry' },
    ]);
  });

  test('a tool, by naming the items of the output', async () => {
    upstream.script(answer(thought, called));
    const asked = await client().responses.create({ model: 'gpt-responses', input: 'Rain?', tools });
    const named = asked.output.map(({ id }) => ({ type: 'item_reference' as const, id: id ?? '' }));
    upstream.script(answer(said('No.')));
    await client().responses.create({
      model: 'gpt-responses',
      input: [
        { role: 'user', content: 'Rain?' },
        ...named,
        { type: 'function_call_output', call_id: 'call_1', output: 'dry' },
      ],
      tools,
    });
    expect(sent().input.slice(1)).toEqual([
      thought,
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"at":"Rome"}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'dry' },
    ]);
    await client().responses.delete(asked.id);
    const gone = client().responses.create({ model: 'gpt-responses', input: named });
    await expect(gone).rejects.toMatchObject({ status: 400, param: 'input[0].id' });
  });

  test('images and files', async () => {
    upstream.script(answer(said('A cat.')));
    const content = [
      { type: 'input_text', text: 'What is it?' },
      { type: 'input_image', image_url: 'https://x.example/cat.png', detail: 'low' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,QQ==' },
    ] satisfies OpenAI.Responses.ResponseInputContent[];
    const response = await client().responses.create({
      model: 'gpt-responses',
      input: [{ role: 'user', content }],
    });
    expect(sent().input).toEqual([{ type: 'message', role: 'user', content }]);
    const { data } = await client().responses.inputItems.list(response.id);
    expect(data).toMatchObject([{ type: 'message', role: 'user', content }]);
  });

  test('input items, page by page', async () => {
    const first = await client().responses.create(ask('a'));
    const input: OpenAI.Responses.ResponseInput = ['b', 'c', 'd'].map((content) => ({
      role: 'user',
      content,
    }));
    const { id } = await client().responses.create({
      ...ask('e'),
      instructions: 'Be brief.',
      previous_response_id: first.id,
      input,
    });
    const listed = async (query: object) => {
      const items = await Array.fromAsync(client().responses.inputItems.list(id, query));
      return items.map((item) => JSON.stringify(item).match(/"text":"(.)"/)?.[1]);
    };
    expect(await listed({ limit: 2 })).toEqual(['d', 'c', 'b']);
    expect(await listed({ order: 'asc', limit: 1 })).toEqual(['b', 'c', 'd']);
    const raw = await client()
      .responses.inputItems.list(id, { limit: 2, include: ['message.input_image.image_url'] })
      .asResponse();
    const page = (await raw.json()) as { data: { id: string }[] };
    const [newest, middle] = page.data;
    expect(page).toEqual({
      object: 'list',
      data: [newest, middle],
      has_more: true,
      first_id: newest?.id,
      last_id: middle?.id,
    });
    expect(newest).toEqual({
      id: expect.stringMatching(/^msg_/),
      type: 'message',
      role: 'user',
      status: 'completed',
      content: [{ type: 'input_text', text: 'd' }],
    });
  });

  test('where there is nothing to go on from', async () => {
    const from = (previous_response_id: string) =>
      client().responses.create(ask('x', { previous_response_id }));
    const missing = (id: string) => ({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
      message: expect.stringContaining(`Previous response with id '${id}' not found`),
    });
    await expect(from('resp_0')).rejects.toMatchObject(missing('resp_0'));
    const unstored = await client().responses.create(ask('x', { store: false }));
    await expect(from(unstored.id)).rejects.toMatchObject(missing(unstored.id));
    const deleted = await client().responses.create(ask('x'));
    await client().responses.delete(deleted.id);
    await expect(from(deleted.id)).rejects.toMatchObject(missing(deleted.id));
    const completion = await client().chat.completions.create({
      model: 'scripted/echo',
      messages: [{ role: 'user', content: 'zanzibar' }],
      store: true,
    });
    const foreign = completion.id.replace('chatcmpl-', 'resp_');
    await expect(from(foreign)).rejects.toMatchObject(missing(foreign));
    const running = await client().responses.create(
      ask({ text: 'a b', hang_after: 1 }, { background: true }),
    );
    await expect(from(running.id)).rejects.toMatchObject({ status: 400, param: 'previous_response_id' });
    await client().responses.cancel(running.id);
  });
});
