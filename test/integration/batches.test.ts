import { describe, expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import {
  batchEnded,
  batchLine,
  batchLines,
  createBatch,
  fileLines,
  getBatch,
  uploadInput,
} from '../support/batches.ts';
import { eventually } from '../support/eventually.ts';
import { expectError } from '../support/expect-error.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice();
const idsOf = (lines: { custom_id: string }[]): string[] => lines.map(({ custom_id }) => custom_id).sort();

describe('a batch', () => {
  test('runs every line once, and keeps the results in a file', async () => {
    const batch = await createBatch(sluice.url, batchLines(40), { metadata: { purpose: 'trial' } });
    expect(batch).toMatchObject({
      object: 'batch',
      status: 'validating',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      errors: null,
      output_file_id: null,
      request_counts: { total: 0, completed: 0, failed: 0 },
      metadata: { purpose: 'trial' },
    });
    const ended = await batchEnded(sluice.url, batch.id);
    expect(ended).toMatchObject({
      status: 'completed',
      model: 'scripted/echo',
      error_file_id: null,
      request_counts: { total: 40, completed: 40, failed: 0 },
    });
    expect(ended.usage.total_tokens).toBe(ended.usage.input_tokens + ended.usage.output_tokens);
    expect(ended.usage.output_tokens).toBeGreaterThan(40);
    for (const time of ['created_at', 'in_progress_at', 'finalizing_at', 'completed_at']) {
      expect(ended[time]).toBeGreaterThan(1_700_000_000);
    }
    const lines = await fileLines(sluice.url, ended.output_file_id);
    expect(idsOf(lines)).toEqual(
      batchLines(40)
        .map((line) => (line as { custom_id: string }).custom_id)
        .sort(),
    );
    const first = lines.find(({ custom_id }) => custom_id === 'line-1');
    expect(first).toMatchObject({
      id: expect.stringMatching(/^batch_req_[0-9a-f]{32}$/),
      error: null,
      response: {
        status_code: 200,
        request_id: expect.stringMatching(/^req_[0-9a-f]{32}$/),
        body: { object: 'chat.completion', choices: [{ message: { content: 'Line 1.' } }] },
      },
    });
    const file = await call('GET', `${sluice.url}/v1/files/${ended.output_file_id}`);
    expect(file.body).toMatchObject({ purpose: 'batch_output', filename: `${batch.id}_output.jsonl` });
  });

  test('puts what is refused and what fails into the error file, in the words of the endpoint', async () => {
    const lines = [
      batchLine('good', { model: 'scripted/echo', messages: [{ role: 'user', content: 'Hello.' }] }),
      batchLine('refused', { model: 'scripted/echo', messages: [] }),
      batchLine('failing', {
        model: 'scripted/echo',
        messages: [{ role: 'user', content: 'Hello.' }],
        mock_response: { error_status: 401 },
      }),
    ];
    const { id } = await createBatch(sluice.url, lines);
    const ended = await batchEnded(sluice.url, id);
    expect(ended).toMatchObject({
      status: 'completed',
      request_counts: { total: 3, completed: 1, failed: 2 },
    });
    expect(idsOf(await fileLines(sluice.url, ended.output_file_id))).toEqual(['good']);
    const errors = await fileLines(sluice.url, ended.error_file_id);
    expect(errors.find(({ custom_id }) => custom_id === 'refused')).toMatchObject({
      error: null,
      response: { status_code: 400, body: { error: { param: 'messages', code: 'empty_array' } } },
    });
    expect(errors.find(({ custom_id }) => custom_id === 'failing')).toMatchObject({
      error: null,
      response: { status_code: 401, body: { error: { code: 'upstream_authentication' } } },
    });
  });

  test.each([
    ['/v1/completions', { model: 'scripted/echo', prompt: 'Say it.' }, 'text_completion'],
    ['/v1/responses', { model: 'scripted/echo', input: 'Say it.' }, 'response'],
    ['/v1/embeddings', { model: 'scripted/embed', input: 'Say it.' }, 'list'],
    [
      '/v1/messages',
      { model: 'scripted/echo', max_tokens: 50, messages: [{ role: 'user', content: 'Say it.' }] },
      undefined,
    ],
  ])('takes requests to %s', async (endpoint, body, object) => {
    const lines = [batchLine('one', body, endpoint), batchLine('two', body, endpoint)];
    const { id } = await createBatch(sluice.url, lines, { endpoint });
    const ended = await batchEnded(sluice.url, id);
    expect(ended).toMatchObject({ status: 'completed', request_counts: { total: 2, completed: 2 } });
    const [line] = await fileLines(sluice.url, ended.output_file_id);
    expect(line.response).toMatchObject({
      status_code: 200,
      body: object === undefined ? { type: 'message' } : { object },
    });
  });

  test('fails as a whole for an input that is not valid, and says where', async () => {
    const input = [
      JSON.stringify(batchLine('a', { model: 'scripted/echo', messages: [] })),
      '{"custom_id": "b",',
      JSON.stringify(batchLine('a', { model: 'scripted/echo', messages: [] })),
      JSON.stringify(batchLine('c', { model: 'scripted/lorem', messages: [] })),
      JSON.stringify(batchLine('d', { model: 'scripted/echo', messages: [] }, '/v1/responses')),
    ].join('\n');
    const { id } = await createBatch(sluice.url, input);
    const ended = await batchEnded(sluice.url, id);
    expect(ended).toMatchObject({ status: 'failed', output_file_id: null, error_file_id: null });
    const told = ended.errors.data.map(({ code, line }: { code: string; line: number }) => [line, code]);
    expect(told).toEqual([
      [2, 'invalid_json_line'],
      [3, 'duplicate_custom_id'],
      [4, 'model_mismatch'],
      [5, 'url_mismatch'],
    ]);
  });

  test('that is cancelled keeps what is completed, and says of the rest that it was not run', async () => {
    const slow = batchLines(20, 'scripted/lorem?deltas=200&delay_ms=1000');
    const { id } = await createBatch(sluice.url, slow);
    await call('POST', `${sluice.url}/v1/batches/${id}/cancel`);
    const ended = await batchEnded(sluice.url, id);
    expect(ended.status).toBe('cancelled');
    const again = await call('POST', `${sluice.url}/v1/batches/${id}/cancel`);
    expect(again.body).toMatchObject({ status: 'cancelled', cancelled_at: ended.cancelled_at });
  });

  test('that is cancelled while it runs has one result for every line', async () => {
    const slow = batchLines(20, 'scripted/lorem?deltas=200&delay_ms=1000');
    const { id } = await createBatch(sluice.url, slow);
    await batchIn(id, 'in_progress');
    await call('POST', `${sluice.url}/v1/batches/${id}/cancel`);
    const ended = await batchEnded(sluice.url, id);
    expect(ended).toMatchObject({
      status: 'cancelled',
      request_counts: { total: 20, completed: 0, failed: 20, cancelled: 20 },
    });
    const errors = await fileLines(sluice.url, ended.error_file_id);
    expect(new Set(idsOf(errors)).size).toBe(20);
    expect(errors[0]).toMatchObject({ response: null, error: { code: 'batch_cancelled' } });
  });

  test('computes the same request once, where it is asked to', async () => {
    const body = { model: 'scripted/echo', messages: [{ role: 'user', content: 'The same.' }] };
    const other = { ...body, messages: [{ role: 'user', content: 'Another.' }] };
    const lines = [
      ...Array.from({ length: 30 }, (_, index) => batchLine(`same-${index}`, body)),
      batchLine('other', other),
    ];
    const { id } = await createBatch(sluice.url, lines, { dedupe: true });
    const ended = await batchEnded(sluice.url, id);
    expect(ended).toMatchObject({ status: 'completed', request_counts: { total: 31, completed: 31 } });
    const results = await fileLines(sluice.url, ended.output_file_id);
    expect(new Set(idsOf(results)).size).toBe(31);
    const texts = results.map(({ response }) => response.body.choices[0].message.content);
    expect(texts.filter((text) => text === 'The same.')).toHaveLength(30);
    // Two prompts of two tokens: what was copied used nothing.
    const alone = await batchEnded(
      sluice.url,
      (await createBatch(sluice.url, [lines[0] ?? {}, lines[30] ?? {}])).id,
    );
    expect(ended.usage).toEqual(alone.usage);
  });

  test('that is ended can run its unfinished lines again', async () => {
    const body = { model: 'scripted/echo', messages: [{ role: 'user', content: 'Hello.' }] };
    const lines = [
      batchLine('good', body),
      batchLine('bad', { ...body, mock_response: { error_status: 401 } }),
      batchLine('worse', { ...body, temperature: 'hot' }),
    ];
    const { id } = await createBatch(sluice.url, lines, {
      output_expires_after: { anchor: 'created_at', seconds: 3600 },
    });
    await batchEnded(sluice.url, id);
    const retry = await call('POST', `${sluice.url}/v1/batches/${id}/retry`);
    expect(retry.body).toMatchObject({ object: 'batch', retry_of: id, status: 'validating' });
    const ended = await batchEnded(sluice.url, retry.body.id);
    expect(ended.request_counts).toMatchObject({ total: 2, failed: 2 });
    expect(idsOf(await fileLines(sluice.url, ended.error_file_id))).toEqual(['bad', 'worse']);
    const file = (await call('GET', `${sluice.url}/v1/files/${ended.error_file_id}`)).body;
    expect(file.expires_at - file.created_at).toBe(3600);
    const good = await createBatch(sluice.url, [batchLine('good', body)]);
    await batchEnded(sluice.url, good.id);
    const nothing = await call('POST', `${sluice.url}/v1/batches/${good.id}/retry`);
    expectError(nothing, 400, 'nothing_to_retry', null);
  });

  test('is made once for each Idempotency-Key', async () => {
    const input = await uploadInput(sluice.url, batchLines(2));
    const body = { input_file_id: input, endpoint: '/v1/chat/completions', completion_window: '24h' };
    const headers = { 'Idempotency-Key': 'batch-17' };
    const first = await call('POST', `${sluice.url}/v1/batches`, { body, headers });
    const again = await call('POST', `${sluice.url}/v1/batches`, { body, headers });
    expect(again.body.id).toBe(first.body.id);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    const other = await call('POST', `${sluice.url}/v1/batches`, {
      body: { ...body, metadata: { another: 'request' } },
      headers,
    });
    expectError(other, 422, 'idempotency_key_reused', null);
  });
});

describe('refused is', () => {
  test.each([
    [{}, 400, 'missing_required_parameter', 'input_file_id'],
    [{ input_file_id: { length: { toString: 1, valueOf: null } } }, 400, 'invalid_type', null],
    [{ input_file_id: 'file-0' }, 400, 'missing_required_parameter', 'endpoint'],
    [
      { input_file_id: 'file-0', endpoint: '/v1/nothing', completion_window: '24h' },
      400,
      'invalid_value',
      'endpoint',
    ],
    [
      { input_file_id: 'file-0', endpoint: '/v1/responses', completion_window: '1h' },
      400,
      'invalid_value',
      'completion_window',
    ],
    [
      { input_file_id: 'file-0', endpoint: '/v1/responses', completion_window: '24h' },
      400,
      'invalid_value',
      'input_file_id',
    ],
  ])('%j', async (body, status, code, param) => {
    const answer = await call('POST', `${sluice.url}/v1/batches`, { body });
    expectError(answer, status, code, param);
  });

  test.each(['', '/events', '/jobs', '/output', '/errors'])(
    'GET of a batch that is not there: %s',
    async (path) => {
      const answer = await call('GET', `${sluice.url}/v1/batches/batch_nothing${path}`);
      expectError(answer, 404, 'batch_not_found', 'id');
    },
  );

  test('a retry of a batch that runs', async () => {
    const { id } = await createBatch(sluice.url, batchLines(1, 'scripted/lorem?deltas=200&delay_ms=1000'));
    const answer = await call('POST', `${sluice.url}/v1/batches/${id}/retry`);
    expectError(answer, 409, 'batch_not_ended', null);
    await call('POST', `${sluice.url}/v1/batches/${id}/cancel`);
    await batchEnded(sluice.url, id);
  });
});

async function batchIn(id: string, status: string): Promise<void> {
  await eventually(
    `a batch that is ${status}`,
    async () => (await getBatch(sluice.url, id)).status === status,
  );
}
