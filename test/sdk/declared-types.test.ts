import { describe, expect, test } from 'vitest';
import { eventsIn } from '../conformance/surface/surface-client.ts';
import { call } from '../support/api-client.ts';
import { type Declared, typeMistakes } from '../support/declared-types.ts';
import { chunk, DONE } from '../support/openai-stream.ts';
import { responsesSluice } from '../support/responses-sluice.ts';

const { sluice, upstream, headers } = await responsesSluice();

const OPENAI = ['OpenAI', 'OpenAI6'] as const;
const ANTHROPIC = ['Anthropic'] as const;
const VERSION = { 'anthropic-version': '2023-06-01' };

const CALLS = [{ name: 'weather', arguments: '{"city":"Paris"}' }];
/** Answers that between them have every part that an answer can have. */
const ANSWERS: readonly [what: string, mock: object][] = [
  ['text', { text: 'one two' }],
  ['reasoning, text and calls', { reasoning: 'hm so', text: 'look', tool_calls: CALLS }],
  ['a refusal', { refusal: 'I cannot.' }],
  ['an answer cut off', { text: 'one', finish_reason: 'length' }],
];

const post = async (path: string, body: object) => {
  const answer = await call('POST', `${sluice.url}/v1${path}`, {
    body: { model: 'scripted/echo', ...body },
    headers,
  });
  expect(answer.status).toBe(200);
  return answer.body;
};
const get = async (path: string, more = {}) =>
  (await call('GET', `${sluice.url}/v1${path}`, { headers: { ...headers, ...more } })).body;
const stream = async (path: string, body: object) => {
  const response = await fetch(`${sluice.url}/v1${path}`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'scripted/echo', ...body, stream: true }),
  });
  expect(response.status).toBe(200);
  return eventsIn(await response.text())
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => JSON.parse(data));
};

const declared = (clients: readonly string[], type: string, values: Readonly<Record<string, unknown>>) =>
  clients.flatMap((client) =>
    Object.entries(values).map(
      ([name, value]): Declared => ({
        name,
        type: `${client}.${type}`,
        value: client === 'Anthropic' ? value : withoutNulls(value),
      }),
    ),
  );

/** OpenAI sends null for these as long as there is nothing, which its types do not say. */
function withoutNulls(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, field) =>
      field === null && ['usage', 'user'].includes(name) ? undefined : field,
    ),
  );
}

/** Every event of a stream, by its name. */
const each = (what: string, events: readonly { type?: string }[]) =>
  Object.fromEntries(events.map((event, index) => [`${what}, event ${index} ${event.type ?? ''}`, event]));

const messages = [{ role: 'user', content: 'zanzibar' }];

/** The client adds the text of a response by itself. */
const received = <Sent extends object>(response: Sent) => ({ ...response, output_text: '' });
const receivedEvent = (event: { type?: string; response?: object }) =>
  event.response ? { ...event, response: received(event.response) } : event;

/** Of reasoning and sources OpenAI's chunks know nothing, and no other field has to be in a delta. */
const isOpenAis = ({ choices }: { choices: { delta: object }[] }) =>
  !choices.some(({ delta }) => 'reasoning_content' in delta || 'annotations' in delta);
/** A text completion that is streamed has the object of the whole one, whose type knows no choice that goes on. */
const finished = ({ choices, ...rest }: { type?: string; choices: { finish_reason: string | null }[] }) => ({
  ...rest,
  choices: choices.map((choice) => ({ ...choice, finish_reason: choice.finish_reason ?? 'stop' })),
});

describe('answers have every field that the types of official clients promise', () => {
  test.each(ANSWERS)('responses: %s', async (what, mock_response) => {
    const ask = { input: messages, mock_response, include: ['message.output_text.logprobs'] };
    const whole = await post('/responses', ask);
    const background = await post('/responses', { ...ask, background: true });
    const events = await stream('/responses', { ...ask, background: true });
    const items = await get(`/responses/${whole.id}/input_items`);
    const retrieved = await get(`/responses/${whole.id}`);
    expect(
      await typeMistakes([
        ...declared(OPENAI, 'Responses.Response', {
          whole: received(whole),
          background: received(background),
          retrieved: received(retrieved),
        }),
        ...declared(OPENAI, 'Responses.ResponseStreamEvent', each(what, events.map(receivedEvent))),
        ...declared(OPENAI, 'Responses.ResponseItemList', { items }),
      ]),
    ).toEqual([]);
  });

  test('responses that fail, and one that is cancelled', async () => {
    const ask = { input: 'zanzibar', background: true };
    const failed = await stream('/responses', { ...ask, mock_response: { error_status: 400 } });
    const { id } = await post('/responses', { ...ask, mock_response: { text: 'a b', hang_after: 1 } });
    const cancelled = await post(`/responses/${id}/cancel`, {});
    expect(cancelled.status).toBe('cancelled');
    expect(
      await typeMistakes([
        ...declared(OPENAI, 'Responses.ResponseStreamEvent', each('failed', failed.map(receivedEvent))),
        ...declared(OPENAI, 'Responses.Response', { cancelled: received(cancelled) }),
      ]),
    ).toEqual([]);
  });

  test('what rests on sources, and the probabilities of tokens', async () => {
    const token = { token: 'Hi', logprob: -0.1, bytes: null, top_logprobs: [] };
    const url_citation = { url: 'https://x.example', title: 'X', start_index: 0, end_index: 2 };
    upstream.script({
      steps: [
        chunk({ content: 'Hi' }, { logprobs: { content: [token] } }),
        chunk({ annotations: [{ type: 'url_citation', url_citation }] }),
        chunk({}, { finish_reason: 'stop' }),
        DONE,
      ],
    });
    const ask = { model: 'gpt-chat', logprobs: true, messages };
    const include = ['message.output_text.logprobs'];
    const response = await post('/responses', { model: 'gpt-chat', input: 'x', include });
    const events = await stream('/responses', { model: 'gpt-chat', input: 'x', include });
    expect(response.output[0].content[0]).toMatchObject({
      annotations: [{ ...url_citation, type: 'url_citation' }],
      logprobs: [{ token: 'Hi' }],
    });
    expect(
      await typeMistakes([
        ...declared(OPENAI, 'Responses.Response', { response: received(response) }),
        ...declared(OPENAI, 'Responses.ResponseStreamEvent', each('event', events.map(receivedEvent))),
        ...declared(OPENAI, 'ChatCompletion', { completion: await post('/chat/completions', ask) }),
        ...declared(
          OPENAI,
          'ChatCompletionChunk',
          each('chunk', (await stream('/chat/completions', ask)).filter(isOpenAis)),
        ),
        ...declared(OPENAI, 'Completion', {
          text: await post('/completions', { model: 'gpt-chat', prompt: 'x', logprobs: 1 }),
        }),
      ]),
    ).toEqual([]);
  });

  test.each(ANSWERS)('chat completions: %s', async (what, mock_response) => {
    const ask = { messages, mock_response, logprobs: true, store: true, metadata: { a: 'b' } };
    const whole = await post('/chat/completions', ask);
    const chunks = await stream('/chat/completions', { ...ask, stream_options: { include_usage: true } });
    const stored = await get(`/chat/completions/${whole.id}`);
    const list = await get('/chat/completions');
    const said = await get(`/chat/completions/${whole.id}/messages`);
    expect(
      await typeMistakes([
        ...declared(OPENAI, 'ChatCompletion', { whole, stored, listed: list.data[0] }),
        ...declared(OPENAI, 'ChatCompletionChunk', each(what, chunks.filter(isOpenAis))),
        ...declared(OPENAI, 'Chat.ChatCompletionStoreMessage', {
          // Whoever asked had a role of its own, which the type of what was answered does not have.
          message: { ...said.data[0], role: 'assistant' },
        }),
      ]),
    ).toEqual([]);
  });

  test('completions, embeddings, models', async () => {
    const ask = { prompt: 'one two', logprobs: 1 };
    const numbers = { model: 'scripted/embed', input: ['a', 'b'] };
    const models = await get('/models');
    expect(
      await typeMistakes([
        ...declared(OPENAI, 'Completion', { completion: await post('/completions', ask) }),
        ...declared(
          OPENAI,
          'Completion',
          each('streamed', (await stream('/completions', ask)).map(finished)),
        ),
        ...declared(OPENAI, 'CreateEmbeddingResponse', { embeddings: await post('/embeddings', numbers) }),
        ...declared(OPENAI, 'Model', { listed: models.data[0], model: await get('/models/scripted/echo') }),
      ]),
    ).toEqual([]);
  });

  test.each(ANSWERS)('messages: %s', async (what, mock_response) => {
    const ask = { messages, mock_response, max_tokens: 100 };
    const whole = await post('/messages', ask);
    const events = await stream('/messages', ask);
    expect(
      await typeMistakes([
        ...declared(ANTHROPIC, 'Message', { whole }),
        ...declared(ANTHROPIC, 'RawMessageStreamEvent', each(what, events)),
      ]),
    ).toEqual([]);
  });

  test("Anthropic's models, counts and errors", async () => {
    const list = await get('/models', VERSION);
    const model = await get('/models/scripted/echo', VERSION);
    const error = await get('/models/none/such', VERSION);
    const count = await post('/messages/count_tokens', { messages });
    expect(
      await typeMistakes([
        ...declared(ANTHROPIC, 'ModelInfo', { listed: list.data[0], model }),
        ...declared(ANTHROPIC, 'MessageTokensCount', { count }),
        ...declared(ANTHROPIC, 'ErrorResponse', { error }),
      ]),
    ).toEqual([]);
  });
});
