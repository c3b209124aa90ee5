import { describe, expect, test } from 'vitest';
import { openAiSluice } from '../support/openai-client.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';

const { upstream, client: connect, job } = await openAiSluice();

/** The base64 of the little-endian float32s 0.5, -2 and 1.25. */
const VECTOR = 'AAAAPwAAAMAAAKA/';

describe.each(OPENAI_VERSIONS)('%s', (_version, Client) => {
  const client = () => connect({ maxRetries: 0 }, Client);

  test('a vector an input, in numbers, though the client asks for base64', async () => {
    const input = ['one two', 'three'];
    const { data, response } = await client()
      .embeddings.create({ model: 'scripted/embed', input })
      .withResponse();
    expect(data).toMatchObject({
      object: 'list',
      model: 'scripted/embed',
      data: [
        { object: 'embedding', index: 0 },
        { object: 'embedding', index: 1 },
      ],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
    for (const { embedding } of data.data) {
      expect(embedding).toHaveLength(16);
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 6);
    }
    const { status, url, usage } = await job(response.headers.get('x-sluice-job-id'));
    expect({ status, url, usage }).toEqual({
      status: 'completed',
      url: '/v1/embeddings',
      usage: { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 },
    });
  });

  test('the same numbers as floats', async () => {
    const request = { model: 'scripted/embed', input: 'hello', dimensions: 5 };
    const plain = await client().embeddings.create(request);
    const floats = await client().embeddings.create({ ...request, encoding_format: 'float' });
    expect(floats.data[0]?.embedding).toHaveLength(5);
    expect(plain.data).toEqual(floats.data);
    const base64 = await client().embeddings.create({ ...request, encoding_format: 'base64' });
    const bytes = Buffer.from(base64.data[0]?.embedding as unknown as string, 'base64');
    expect([0, 4, 8, 12, 16].map((at) => bytes.readFloatLE(at))).toEqual(floats.data[0]?.embedding);
  });

  test('from a server like OpenAI, asked for numbers, whatever it answers', async () => {
    const answer = {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: VECTOR }],
      model: 'text-embedding-3-small',
      usage: { prompt_tokens: 2, total_tokens: 2 },
    };
    upstream.script({ headers: { 'content-type': 'application/json' }, steps: [JSON.stringify(answer)] });
    const list = await client().embeddings.create({ model: 'gpt-4o', input: [[1, 2]], user: 'Ada' });
    expect(list).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.5, -2, 1.25] }],
      model: 'gpt-4o',
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
    const { path, body } = upstream.exchanges.at(-1) ?? {};
    expect(path).toBe('/v1/embeddings');
    expect(JSON.parse(body ?? '')).toEqual({
      model: 'gpt-4o',
      input: [[1, 2]],
      user: 'Ada',
    });
  });

  test('errors are of the client’s own kinds', async () => {
    const asking = (input: string | string[]) =>
      client().embeddings.create({ model: 'scripted/embed', input });
    await expect(asking('')).rejects.toMatchObject({ status: 400, code: 'empty_string', param: 'input' });
    await expect(asking(['a', ''])).rejects.toMatchObject({ param: 'input[1]' });
    const failing = { model: 'scripted/embed', input: 'a', mock_response: { retry_after: 7 } };
    await expect(client().embeddings.create(failing)).rejects.toMatchObject({
      status: 429,
      code: 'rate_limit_exceeded',
    });
  });
});
