import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acompletion, completion, type LoggedCall, Sluice } from '../../src/client/index.ts';
import { eventually } from '../support/eventually.ts';
import { runScript } from '../support/run-script.ts';
import { type Script, UpstreamServer } from '../support/upstream-server.ts';

let server: UpstreamServer;
beforeEach(async () => {
  server = await UpstreamServer.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
});

const json = (body: object, status = 200, headers: Record<string, string> = {}): Script => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  steps: [JSON.stringify(body)],
});
const refusal = (status: number, code: string | null, headers: Record<string, string> = {}): Script =>
  json({ error: { message: `It is ${status}.`, type: 't', param: 'body.model', code } }, status, headers);
const JOB = { id: 'job_1', object: 'job', status: 'queued' };

const client = (options: object = {}) => new Sluice({ baseURL: server.url, apiKey: null, ...options });
const submit = (options: object = {}) =>
  client(options).jobs.submit({ body: { model: 'm', messages: [{ role: 'user', content: 'hi' }] } });

describe('a request', () => {
  it('is repeated under the same key, whatever happened to the first', async () => {
    server.script({ before: 'reset', steps: [] }, refusal(503, 'storage_unavailable'), json(JOB, 202));
    expect((await submit()).data).toEqual(JOB);
    const keys = server.exchanges.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^sluice-[0-9a-f]{32}$/);
  });

  it('has a key of its own each time', async () => {
    server.script(json(JOB, 202));
    await Promise.all([submit(), submit()]);
    expect(new Set(server.exchanges.map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
  });

  it('is repeated where its answer breaks off', async () => {
    server.script({ steps: ['{"id":', 'cut'] }, json(JOB));
    expect((await client().jobs.retrieve('job_1')).id).toBe('job_1');
  });

  it('waits as long as it is asked to', async () => {
    server.script(refusal(429, 'rate_limit_exceeded', { 'retry-after': '1' }), json(JOB));
    const began = performance.now();
    await client().jobs.retrieve('job_1');
    expect(performance.now() - began).toBeGreaterThanOrEqual(999);
  });

  it.each([
    [400, 'invalid_value', 'BadRequestError'],
    [401, 'invalid_api_key', 'AuthenticationError'],
    [403, 'invalid_host', 'PermissionDeniedError'],
    [404, 'job_not_found', 'NotFoundError'],
    [409, 'job_not_settled', 'ConflictError'],
    [410, 'log_expired', 'APIError'],
    [422, 'idempotency_key_reused', 'UnprocessableEntityError'],
    [429, 'insufficient_quota', 'RateLimitError'],
    [500, 'internal_error', 'InternalServerError'],
  ])('that is refused with %i and %s fails at once with a %s', async (status, code, name) => {
    server.script(refusal(status, code, { 'x-request-id': 'req_1', 'x-sluice-job-id': 'job_9' }));
    await expect(submit()).rejects.toMatchObject({
      name,
      status,
      code,
      message: `It is ${status}.`,
      param: 'body.model',
      type: 't',
      retryable: false,
      requestId: 'req_1',
      jobId: 'job_9',
    });
    expect(server.exchanges).toHaveLength(1);
  });

  it('is not repeated where the server says not to', async () => {
    server.script(refusal(503, null, { 'x-should-retry': 'false' }));
    await expect(submit()).rejects.toMatchObject({ status: 503, retryable: false });
    expect(server.exchanges).toHaveLength(1);
  });

  it('that something else than Sluice refuses shows what that said', async () => {
    server.script({ status: 413, headers: { 'content-type': 'text/html' }, steps: ['<h1>Too large</h1>'] });
    await expect(submit()).rejects.toMatchObject({
      status: 413,
      code: null,
      message: 'The server answered 413: <h1>Too large</h1>',
    });
  });

  it('that a page answers is not repeated, and says so', async () => {
    server.script({ headers: { 'content-type': 'text/html' }, steps: ['<!doctype html><p>An app.'] });
    await expect(submit()).rejects.toThrow(`${server.url} sends a page in place of JSON. Is Sluice there?`);
    expect(server.exchanges).toHaveLength(1);
  });

  it('for the end of a job outlasts an outage, as streams do', async () => {
    const down: Script = { before: 'reset', steps: [] };
    server.script(json(JOB, 202), down, down, json({ ...JOB, status: 'completed', result: 'whole' }));
    const { jobs } = client({ maxRetries: 0 });
    await jobs.submit({ body: { model: 'm', messages: [] } });
    expect(await jobs.result('job_1')).toBe('whole');
    server.script(down);
    await expect(client({ maxRetries: 0, reconnectFor: 0.3 }).jobs.result('job_1')).rejects.toMatchObject({
      name: 'APIConnectionError',
    });
  });

  it('gives up after so many tries, and names the server and the reason', async () => {
    server.script({ before: 'reset', steps: [] });
    await expect(submit({ maxRetries: 1 })).rejects.toMatchObject({
      name: 'APIConnectionError',
      status: null,
      retryable: true,
      message: expect.stringContaining(`Could not reach Sluice at ${server.url}: `),
    });
    expect(server.exchanges).toHaveLength(2);
  });

  it('that deletes is done where a try before has been', async () => {
    server.script({ before: 'reset', steps: [] }, refusal(404, 'job_not_found'));
    await client().jobs.delete('job_1');
    await expect(client().jobs.delete('job_1')).rejects.toMatchObject({ code: 'job_not_found' });
    expect(server.exchanges).toHaveLength(3);
  });

  it('does not wait for ever', async () => {
    server.script({ before: 'hang', steps: [] });
    await expect(submit({ maxRetries: 0, requestTimeout: 0.1 })).rejects.toMatchObject({
      message: expect.stringContaining('it did not answer within 0.1 s'),
    });
  });

  it.each([Number.POSITIVE_INFINITY, 30 * 86_400])('may take %d s', async (seconds) => {
    const job = { ...JOB, status: 'completed', result: 'done' };
    server.script({ steps: [{ delay: 50 }, JSON.stringify(job)] });
    const patient = client({ maxRetries: 0, requestTimeout: seconds });
    expect((await patient.jobs.retrieve('job_1')).status).toBe('completed');
    expect(await client().jobs.result('job_1', { timeout: seconds })).toBe('done');
    expect(server.exchanges).toHaveLength(2);
  });

  it('ends with its signal, between two tries, too', async () => {
    server.script(refusal(503, 'storage_unavailable', { 'retry-after': '60' }));
    const controller = new AbortController();
    const asked = client().jobs.retrieve('job_1', { signal: controller.signal });
    await server.received(1);
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });
});

describe('the server', () => {
  it.each(['', '/', '/v1', '/v1/'])('may be named with %j behind its origin', async (suffix) => {
    server.script(json(JOB));
    await client({ baseURL: `${server.url}${suffix}` }).jobs.retrieve('job_1');
    expect(server.exchanges[0]?.path).toBe('/v1/jobs/job_1');
  });

  it('and its key come from the environment', async () => {
    vi.stubEnv('SLUICE_BASE_URL', server.url);
    vi.stubEnv('SLUICE_MASTER_KEY', 'sk-master');
    server.script(json(JOB));
    await new Sluice().jobs.retrieve('job_1');
    vi.stubEnv('SLUICE_API_KEY', 'sk-mine');
    await new Sluice().jobs.retrieve('job_1');
    const keys = server.exchanges.map(({ headers }) => headers.authorization);
    expect(keys).toEqual(['Bearer sk-master', 'Bearer sk-mine']);
  });

  it('has to be named', async () => {
    vi.stubEnv('SLUICE_BASE_URL', '');
    const ask = { model: 'm', messages: [] };
    expect(() => new Sluice()).toThrow(/give baseURL, or set SLUICE_BASE_URL/);
    expect(() => completion({ ...ask, stream: true })).toThrow(/SLUICE_BASE_URL/);
    await expect(completion(ask)).rejects.toThrow(/SLUICE_BASE_URL/);
    await expect(acompletion({ ...ask, stream: true })).rejects.toThrow(/SLUICE_BASE_URL/);
  });

  it.each(['localhost:4000', 'not a url', 'ftp://localhost'])('is no %s', (baseURL) => {
    expect(() => new Sluice({ baseURL })).toThrow(`Invalid baseURL '${baseURL}'`);
  });
});

describe('ids in paths', () => {
  it('cannot leave their place', async () => {
    server.script(json(JOB));
    await client().jobs.retrieve('../../v1/batches?x=');
    expect(server.exchanges[0]?.path).toBe('/v1/jobs/..%2F..%2Fv1%2Fbatches%3Fx%3D');
  });

  it.each(['', '.', '..'])('are not %j, which would be another path', async (id) => {
    server.script(json({ object: 'list', data: [] }));
    const { jobs, batches, files } = client();
    const asked = [
      () => jobs.retrieve(id),
      () => jobs.result(id),
      () => jobs.cancel(id),
      () => jobs.stream(id)[Symbol.asyncIterator]().next(),
      () => batches.retrieve(id),
      () => files.delete(id),
    ];
    for (const ask of asked) {
      await expect(ask()).rejects.toMatchObject({
        name: 'BadRequestError',
        code: 'invalid_value',
        param: 'id',
      });
    }
    expect(server.exchanges).toHaveLength(0);
  });
});

describe('a call that is aborted', () => {
  const ask = (signal: AbortSignal) => ({ model: 'm', messages: [], signal, baseURL: server.url });

  it.each([true, false])(
    'while it waits to be accepted ends at once, its logger told (stream: %s)',
    async (stream) => {
      server.script({ before: 'hang', steps: [] });
      const controller = new AbortController();
      const asked = acompletion({ ...ask(controller.signal), stream, logger_fn: () => {} });
      await server.received(1);
      controller.abort(new Error('enough'));
      await expect(asked).rejects.toThrow('enough');
    },
  );

  it.each([true, false])('before it begins sends nothing (stream: %s)', async (stream) => {
    server.script(json(JOB, 202));
    const told: LoggedCall[] = [];
    const asked = acompletion({
      ...ask(AbortSignal.abort(new Error('enough'))),
      stream,
      logger_fn: (each) => told.push(each),
    });
    await expect(asked).rejects.toThrow('enough');
    await eventually('the end to be told', () => told.length === 2);
    expect(told[1]).toMatchObject({ error: { message: 'enough' }, job_id: null });
    expect(server.exchanges).toHaveLength(0);
  });
});

describe('a logger', () => {
  it('hears of no call that cannot be made, or of both its ends', async () => {
    vi.stubEnv('SLUICE_BASE_URL', '');
    const told: string[] = [];
    const logger_fn = ({ log_event_type }: LoggedCall): void => void told.push(log_event_type);
    await expect(completion({ model: 'm', messages: [], logger_fn })).rejects.toThrow(/SLUICE_BASE_URL/);
    expect(told).toEqual([]);
  });
});

describe('a stream that nobody reads', () => {
  it('does not end its program when its request is refused', async () => {
    server.script(refusal(400, 'invalid_value'));
    const library = new URL('../../src/client/index.ts', import.meta.url).href;
    const { code, stdout, stderr } = await runScript(
      `import { completion } from '${library}';
       completion({ model: 'm', messages: [], stream: true });
       process.on('beforeExit', () => console.log('reached its end'));`,
      { SLUICE_BASE_URL: server.url },
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'reached its end\n', stderr: '' });
    expect(server.exchanges).toHaveLength(1);
  });
});
