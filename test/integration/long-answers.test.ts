import { describe, expect, test } from 'vitest';
import { call } from '../support/api-client.ts';
import { ask } from '../support/ask.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

/** The third interval is when a whole answer begins: after 150 ms here. */
const sluice = sharedSluice({
  config: {
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    router_settings: { num_retries: 0 },
    general_settings: { keepalive_seconds: 0.05 },
  },
});

function post(body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${sluice.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** An answer that is there after two seconds, ten times later than the first sign of life. */
const LATE = { first_delay_ms: 2000 };

describe('a whole answer that takes long', () => {
  test('begins before it is there, and is JSON behind its white space', async () => {
    const response = await post(ask({ ...LATE, text: 'At last.' }));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const jobId = response.headers.get('x-sluice-job-id');
    expect((await call('GET', `${sluice.url}/v1/jobs/${jobId}`)).body.status).not.toBe('completed');
    const text = await response.text();
    expect(text).toMatch(/^\n{5,}\{"id":"chatcmpl-/);
    expect(JSON.parse(text).choices[0].message.content).toBe('At last.');
  });

  test('is one that is broken off, and no completion, where the job fails', async () => {
    const key = { 'Idempotency-Key': 'late-failure' };
    const body = ask({ ...LATE, error_after: 0, error_status: 429 });
    const response = await post(body, key);
    expect(response.status).toBe(200);
    const jobId = response.headers.get('x-sluice-job-id');
    await expect(response.text()).rejects.toThrow('terminated');
    expect((await call('GET', `${sluice.url}/v1/jobs/${jobId}`)).body.status).toBe('failed');

    const again = await post(body, key);
    expect(again.status).toBe(429);
    expect(again.headers.get('x-sluice-job-id')).toBe(jobId);
    expect(again.headers.get('x-should-retry')).toBe('false');
  });

  test('has its own status while nothing has been sent', async () => {
    const response = await post(ask({ error_after: 0, error_status: 429 }));
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
  });

  test('is not begun for a client that has gone', async () => {
    const controller = new AbortController();
    const body = ask({ first_delay_ms: 60_000 }, { model: 'scripted/echo?delay_ms=1' });
    const response = fetch(`${sluice.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: controller.signal,
    });
    const { headers } = await response;
    controller.abort();
    const jobId = headers.get('x-sluice-job-id');
    const { body: job } = await call('GET', `${sluice.url}/v1/jobs/${jobId}?wait=30`);
    expect(job.status).toBe('cancelled');
  });
});

test('a silent stream carries comments without a blank line', async () => {
  const response = await post(ask({ text: 'At last.', delay_ms: 1000 }, { stream: true }));
  const text = await response.text();
  expect(text).toMatch(/"At "[^\n]+\n\n(: keep-alive\n){3,}data: \{.*"last."/);
  expect(text).toMatch(/data: \[DONE\]\n\n$/);
});
