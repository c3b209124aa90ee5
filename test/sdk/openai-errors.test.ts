import { describe, expect, test } from 'vitest';
import { ask, messages, openAiSluice } from '../support/openai-client.ts';
import { chunk, DONE } from '../support/openai-stream.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';

const { upstream, client: clientOf, job, jobCount } = await openAiSluice();

async function thrown(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return error;
  }
}

describe.each(OPENAI_VERSIONS)('%s', (name, Client) => {
  const client = (options = {}) => clientOf(options, Client);

  describe('errors', () => {
    test.each([
      [{ model: 'scripted' }, Client.NotFoundError, 404, 'model_not_found', 'model'],
      [{ messages: [] }, Client.BadRequestError, 400, 'empty_array', 'messages'],
      [{ temperature: 3 }, Client.BadRequestError, 400, 'decimal_above_max_value', 'temperature'],
      [
        { mock_response: { error_status: 429, retry_after: 60 } },
        Client.RateLimitError,
        429,
        'rate_limit_exceeded',
        null,
      ],
      [
        { mock_response: { error_status: 503 } },
        Client.InternalServerError,
        503,
        'upstream_overloaded',
        null,
      ],
      [{ mock_response: { truncate_after: 1 } }, Client.InternalServerError, 502, 'upstream_truncated', null],
      [
        { mock_response: { error_status: 401 } },
        Client.AuthenticationError,
        401,
        'upstream_authentication',
        null,
      ],
    ])('%j: the class that it has at OpenAI', async (changes, kind, status, code, param) => {
      const before = await jobCount();
      const error = await thrown(client().chat.completions.create(ask('never', changes)));
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject({ status, code, param, requestID: expect.stringMatching(/^req_/) });
      // The client repeats 429 and 5xx by itself, unless it is told that there is no point.
      expect((await jobCount()) - before).toBe('mock_response' in changes ? 1 : 0);
    });

    test('a wrong key', async () => {
      const error = await thrown(client({ apiKey: 'sk-wrong' }).chat.completions.create(ask('never')));
      expect(error).toBeInstanceOf(Client.AuthenticationError);
      expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' });
    });

    test('an error before the first chunk has its class, one after it is an APIError', async () => {
      const early = ask({ error_status: 429 }, { stream: true } as const);
      expect(await thrown(client().chat.completions.create(early))).toBeInstanceOf(Client.RateLimitError);

      const late = ask({ text: 'one two three', error_after: 2, error_status: 503 }, {
        stream: true,
      } as const);
      const stream = await client().chat.completions.create(late);
      let text = '';
      const error = await thrown(
        (async () => {
          for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
        })(),
      );
      expect(text).toBe('one two ');
      expect(error).toBeInstanceOf(Client.APIError);
      expect(error).toMatchObject({ code: 'upstream_overloaded', type: 'server_error' });
    });

    test('the stream helper rejects where the text was cut off', async () => {
      const stream = client().chat.completions.stream(
        ask({ text: 'one two', error_after: 1, error_status: 500 }),
      );
      expect(await thrown(stream.finalChatCompletion())).toMatchObject({ code: 'upstream_error' });
    });
  });

  describe('going away', () => {
    test('an aborted stream cancels the job, and the provider is hung up on', async () => {
      const before = upstream.exchanges.length;
      upstream.script({ steps: [chunk({ role: 'assistant', content: 'one ' }), 'hang'] });
      const leaving = new AbortController();
      const { data, response } = await client()
        .chat.completions.create({ model: 'gpt-4o', messages, stream: true }, { signal: leaving.signal })
        .withResponse();
      for await (const { choices } of data) if (choices[0]?.delta.content === 'one ') break;
      leaving.abort();
      const exchange = await upstream.received(before + 1);
      await exchange.closed;
      const settled = await job(response.headers.get('x-sluice-job-id'), '?wait=60');
      expect(settled).toMatchObject({
        status: 'cancelled',
        result: { choices: [{ message: { content: 'one ' } }] },
      });
    });

    test('so does an aborted request', async () => {
      const before = upstream.exchanges.length;
      upstream.script({ before: 'hang', steps: [] });
      const leaving = new AbortController();
      const request = thrown(
        client().chat.completions.create({ model: 'gpt-4o', messages }, { signal: leaving.signal }),
      );
      const exchange = await upstream.received(before + 1);
      leaving.abort();
      expect(await request).toBeInstanceOf(Client.APIUserAbortError);
      await exchange.closed;
    });

    test('a repeated request with an Idempotency-Key is not a second call', async () => {
      const before = upstream.exchanges.length;
      upstream.script({ steps: [chunk({ content: 'once' }), chunk({}, { finish_reason: 'stop' }), DONE] });
      const options = { headers: { 'Idempotency-Key': `from ${name}` } };
      const create = () => client().chat.completions.create({ model: 'gpt-4o', messages }, options);
      const [first, second] = [await create(), await create()];
      expect(second).toEqual(first);
      expect(upstream.exchanges).toHaveLength(before + 1);
    });
  });
});
