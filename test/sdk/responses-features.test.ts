import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { chunk, DONE } from '../support/openai-stream.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';
import { ask, responsesSluice } from '../support/responses-sluice.ts';

const { client: connect, upstream, sent } = await responsesSluice();

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const place = (output_index: number) => ({ output_index, content_index: 0, summary_index: 0 });

describe.each(OPENAI_VERSIONS)('%s', (_, Client) => {
  const client = (): OpenAI => connect(Client);

  /** The answer to a request, which is the same whole and streamed, with new ids. */
  async function answerTo(request: OpenAI.Responses.ResponseCreateParamsNonStreaming) {
    // The clients add what they have parsed.
    const added = new Set(['parsed', 'parsed_arguments']);
    const plain = ({ output, usage, status }: OpenAI.Responses.Response) => {
      const items = JSON.stringify(output, (key, value) => (added.has(key) ? undefined : value));
      const bare: OpenAI.Responses.ResponseOutputItem[] = JSON.parse(items);
      return { status, usage, output: bare.map(({ id: _id, ...item }) => item) };
    };
    const whole = plain(await client().responses.create(request));
    const { stream: __, ...asked } = request;
    expect(plain(await client().responses.stream(asked).finalResponse())).toEqual(whole);
    return whole;
  }

  test('what was asked comes back with the answer', async () => {
    const asked = {
      instructions: 'Be brief.',
      max_output_tokens: 99,
      max_tool_calls: 3,
      metadata: { a: 'b' },
      parallel_tool_calls: false,
      prompt_cache_key: 'k',
      reasoning: { effort: 'low' as const, summary: 'auto' as const },
      safety_identifier: 's',
      store: false,
      temperature: 0.5,
      text: { format: { type: 'json_object' as const }, verbosity: 'low' as const },
      tool_choice: { type: 'function' as const, name: 'f' },
      tools: [{ type: 'function' as const, name: 'f', parameters: {}, strict: false }],
      top_logprobs: 2,
      top_p: 0.5,
      truncation: 'disabled' as const,
      user: 'u',
    };
    expect(await client().responses.create(ask('x', asked))).toMatchObject(asked);
  });

  test("OpenAI's own tools, sources, and what it thought", async () => {
    const annotation = {
      type: 'url_citation',
      url: 'https://x.example',
      title: 'X',
      start_index: 0,
      end_index: 2,
    };
    const search = {
      id: 'ws_1',
      type: 'web_search_call',
      status: 'completed',
      action: { type: 'search', query: 'x' },
    };
    const part = { type: 'output_text', text: 'It is.', annotations: [annotation], logprobs: [] };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [part] };
    upstream.script({
      steps: [
        event('response.created', { response: { status: 'in_progress' } }),
        event('response.reasoning_summary_text.delta', { ...place(0), delta: 'Let me ' }),
        event('response.reasoning_summary_text.delta', { ...place(0), delta: 'look.' }),
        event('response.output_item.done', { output_index: 1, item: search }),
        event('response.output_text.delta', { ...place(2), delta: 'It ', logprobs: [] }),
        event('response.output_text.delta', { ...place(2), delta: 'is.', logprobs: [] }),
        event('response.output_text.annotation.added', { ...place(2), annotation }),
        event('response.completed', { response: { status: 'completed', output: [search, message] } }),
      ],
    });
    const tools: OpenAI.Responses.Tool[] = [{ type: 'web_search' }];
    const include = ['web_search_call.action.sources' as const];
    const { output } = await answerTo({
      model: 'gpt-responses',
      input: 'zanzibar',
      tools,
      include,
      max_tool_calls: 2,
    });
    expect(sent()).toMatchObject({ tools, max_tool_calls: 2, include: expect.arrayContaining(include) });
    const { id: __, ...searched } = search;
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Let me look.' }] },
      { type: 'message', content: [part] },
      searched,
    ]);
    upstream.script();
    const refused = client().responses.create({
      model: 'gpt-chat',
      input: 'x',
      tools: [{ type: 'custom', name: 'f' }],
    });
    await expect(refused).rejects.toMatchObject({ status: 400, param: 'tools[0].type' });
  });

  test('a refusal, and reasoning as another server shows it', async () => {
    upstream.script({
      steps: [
        chunk({ reasoning_content: 'Hm.' }),
        chunk({ refusal: 'I ' }),
        chunk({ refusal: 'will not.' }),
        chunk({}, { finish_reason: 'stop' }),
        DONE,
      ],
    });
    const { output } = await answerTo({ model: 'gpt-chat', input: 'zanzibar' });
    expect(output[0]).toMatchObject({
      type: 'reasoning',
      summary: [],
      content: [{ type: 'reasoning_text', text: 'Hm.' }],
    });
    expect(output.at(-1)).toMatchObject({
      type: 'message',
      status: 'completed',
      content: [{ type: 'refusal', refusal: 'I will not.' }],
    });
  });

  test('the probabilities of tokens', async () => {
    const content = [
      { token: 'Hi', logprob: -0.1, bytes: null, top_logprobs: [{ token: 'Ho', logprob: -2, bytes: [72] }] },
    ];
    upstream.script({
      steps: [
        chunk({ content: 'Hi' }, { logprobs: { content } }),
        chunk({}, { finish_reason: 'stop' }),
        DONE,
      ],
    });
    const { output } = await answerTo({
      model: 'gpt-chat',
      input: 'zanzibar',
      include: ['message.output_text.logprobs'],
      top_logprobs: 1,
    });
    expect(sent()).toMatchObject({ logprobs: true, top_logprobs: 1 });
    expect(output).toMatchObject([{ content: [{ text: 'Hi', logprobs: [{ ...content[0], bytes: [] }] }] }]);
  });

  test('calls side by side, and reasoning with them', async () => {
    const tool_calls = [
      { name: 'look', arguments: { at: 1 } },
      { name: 'wait', arguments: {} },
    ];
    const { output } = await answerTo(ask({ reasoning: 'one two', text: 'so', tool_calls }));
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'one two' }] },
      { type: 'message', content: [{ text: 'so' }] },
      {
        type: 'function_call',
        name: 'look',
        arguments: '{"at":1}',
        call_id: 'call_scripted_0',
        status: 'completed',
      },
      { type: 'function_call', name: 'wait', arguments: '{}', call_id: 'call_scripted_1' },
    ]);
  });
});
