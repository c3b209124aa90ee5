import { describe, expect, test } from 'vitest';
import { call, submit } from '../support/api-client.ts';
import { ask, cancel, hangingJob, settledJob } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { readEvents } from '../support/job-reader.ts';
import { startRedis } from '../support/redis-server.ts';
import { expectQuietLog, sharedSluice } from '../support/shared-sluice.ts';
import { startSluice } from '../support/sluice-process.ts';

const sluice = sharedSluice({
  config: {
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    router_settings: { num_retries: 0 },
  },
});

/** The samples of a scrape, by name and labels as they stand in the text. */
async function scrape(base: string): Promise<Map<string, number>> {
  const response = await fetch(`${base}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const samples = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    const [, name, value] = /^([^#]\S*(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) samples.set(name, Number(value));
  }
  return samples;
}

const GROUP = 'group="scripted/*"';

describe('metrics', () => {
  test('count what jobs do', async () => {
    const before = await scrape(sluice.url);
    await settledJob(sluice.url, ask({ text: 'one two three' }));
    await settledJob(sluice.url, ask({ error_status: 503 }));
    await settledJob(sluice.url, ask({ hang_after: 1 }), { timeout: 0.5 });
    await cancel(sluice.url, await submit(sluice.url, ask(), { delay: 3000 }));
    await cancel(sluice.url, await hangingJob(sluice.url));

    const grown = new Map<string, number>();
    const expected = {
      [`sluice_jobs_submitted_total{${GROUP}}`]: 5,
      [`sluice_jobs_settled_total{${GROUP},status="completed"}`]: 1,
      [`sluice_jobs_settled_total{${GROUP},status="failed"}`]: 1,
      [`sluice_jobs_settled_total{${GROUP},status="expired"}`]: 1,
      [`sluice_jobs_settled_total{${GROUP},status="cancelled"}`]: 2,
      [`sluice_attempts_total{${GROUP},status="completed"}`]: 1,
      [`sluice_attempts_total{${GROUP},status="failed"}`]: 1,
      [`sluice_attempts_total{${GROUP},status="expired"}`]: 1,
      [`sluice_attempts_total{${GROUP},status="cancelled"}`]: 1,
      // start, three words, finish, usage; start, a word; start, two words
      [`sluice_deltas_total{${GROUP}}`]: 11,
      'sluice_provider_errors_total{provider="scripted",code="upstream_overloaded"}': 1,
      [`sluice_queue_wait_seconds_count{${GROUP}}`]: 4,
      [`sluice_time_to_first_delta_seconds_count{${GROUP}}`]: 3,
      'sluice_jobs{status="completed"}': 1,
      'sluice_jobs{status="failed"}': 1,
      'sluice_jobs{status="expired"}': 1,
      'sluice_jobs{status="cancelled"}': 2,
      'sluice_jobs{status="queued"}': 0,
      'sluice_jobs{status="in_progress"}': 0,
    };
    await eventually(
      'the counters',
      async () => {
        const after = await scrape(sluice.url);
        for (const name of Object.keys(expected)) {
          grown.set(name, (after.get(name) ?? Number.NaN) - (before.get(name) ?? 0));
        }
        return Object.entries(expected).every(([name, count]) => grown.get(name) === count);
      },
      { describe: () => JSON.stringify([...grown], null, 1) },
    );
  });

  test('show what waits, what runs and who reads', async () => {
    const running = [await hangingJob(sluice.url), await hangingJob(sluice.url)];
    const delayed = await submit(sluice.url, ask(), { delay: 3000 });
    const leaving = new AbortController();
    const { signal } = leaving;
    const events = readEvents(`${sluice.url}/v1/jobs/${running[0]}/events`, { signal });
    expect((await events.next()).value?.event).toBe('attempt');
    const samples = await scrape(sluice.url);
    const shown = Object.fromEntries(samples);
    expect(shown).toMatchObject({
      'sluice_jobs{status="queued"}': 1,
      'sluice_jobs{status="in_progress"}': 2,
      [`sluice_queue_depth{${GROUP},lane="interactive",state="waiting"}`]: 0,
      [`sluice_queue_depth{${GROUP},lane="interactive",state="delayed"}`]: 1,
      [`sluice_queue_depth{${GROUP},lane="interactive",state="active"}`]: 2,
      sluice_sse_readers: 1,
      sluice_sse_readers_dropped_total: 0,
      sluice_workers_alive: 1,
    });
    leaving.abort();
    await eventually(
      'the reader to be gone',
      async () => (await scrape(sluice.url)).get('sluice_sse_readers') === 0,
    );
    for (const id of [...running, delayed]) await cancel(sluice.url, id);
  });

  test('tell how the process is', async () => {
    const names = [...(await scrape(sluice.url)).keys()];
    for (const name of ['nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes']) {
      expect(names).toContain(name);
    }
  });
});

describe('health', () => {
  test('an API with a worker is live and ready', async () => {
    const live = await call('GET', `${sluice.url}/health/live`);
    expect([live.status, live.body]).toEqual([200, { status: 'ok' }]);
    const ready = await call('GET', `${sluice.url}/health/ready`);
    expect([ready.status, ready.body]).toEqual([200, { status: 'ok', redis: 'ok', workers: 1 }]);
  });

  test('without a worker it is not ready, yet accepts jobs', async () => {
    const redis = await startRedis();
    try {
      await using api = await startSluice({ redisUrl: redis.connectionUrl, role: 'api' });
      const ready = await call('GET', `${api.url}/health/ready`);
      expect([ready.status, ready.body]).toEqual([503, { status: 'unavailable', redis: 'ok', workers: 0 }]);
      expect((await call('GET', `${api.url}/health/live`)).status).toBe(200);
      const id = await submit(api.url, ask());
      const samples = Object.fromEntries(await scrape(api.url));
      expect(samples).toMatchObject({
        'sluice_jobs{status="queued"}': 1,
        [`sluice_queue_depth{${GROUP},lane="interactive",state="waiting"}`]: 1,
        sluice_workers_alive: 0,
      });

      await using worker = await startSluice({ redisUrl: redis.connectionUrl, role: 'worker' });
      expect((await call('GET', `${api.url}/v1/jobs/${id}?wait=60`)).body.status).toBe('completed');
      expect((await call('GET', `${api.url}/health/ready`)).body).toMatchObject({ status: 'ok', workers: 1 });
      worker.signal('SIGTERM');
      expect(await worker.exited).toBe(0);
      // A worker that leaves in order says so; nobody has to wait for its silence.
      expect((await call('GET', `${api.url}/health/ready`)).body).toMatchObject({ workers: 0 });
      expectQuietLog(api);
      expectQuietLog(worker);
    } finally {
      await redis.stop();
    }
  });

  test('without Redis it is live, not ready, and answers everything else with 503 at once', async () => {
    const redis = await startRedis({ aof: true });
    try {
      await using server = await startSluice({ redisUrl: redis.connectionUrl });
      const id = await settledJob(server.url, ask('kept'));
      await redis.sigkill();
      expect((await call('GET', `${server.url}/health/live`)).status).toBe(200);
      const ready = await call('GET', `${server.url}/health/ready`);
      expect([ready.status, ready.body]).toEqual([
        503,
        { status: 'unavailable', redis: 'unreachable', workers: 0 },
      ]);
      for (const [method, path, body] of [
        ['POST', '/v1/jobs', { body: ask() }],
        ['POST', '/v1/chat/completions', ask()],
        ['GET', '/v1/jobs', undefined],
        ['GET', `/v1/jobs/${id}`, undefined],
        ['GET', `/v1/jobs/${id}/events`, undefined],
        ['POST', `/v1/jobs/${id}/cancel`, undefined],
      ] as const) {
        const answer = await call(method, `${server.url}${path}`, { ...(body && { body }) });
        expect([path, answer.status]).toEqual([path, 503]);
        expect(answer.headers.get('retry-after')).toBe('1');
        expect(answer.body.error).toEqual({
          message: 'The storage is not reachable right now. Try again shortly.',
          type: 'server_error',
          param: null,
          code: 'storage_unavailable',
        });
      }
      expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
      await redis.restart();
      await eventually('the server to be ready again', async () => {
        return (await fetch(`${server.url}/health/ready`)).status === 200;
      });
      const { body } = await call('GET', `${server.url}/v1/jobs/${id}/result`);
      expect(body.choices[0].message.content).toBe('kept');
      expectQuietLog(server);
    } finally {
      await redis.stop();
    }
  });
});
