import { describe, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { chatSluice } from '../support/chat-sluice.ts';
import { eventually } from '../support/eventually.ts';
import { connectTo } from '../support/raw-http.ts';

const { sluice, job, jobsOf, open } = chatSluice();

describe('a client that goes away', () => {
  const slow = (model: string) => ask({ text: 'one two three', delay_ms: 300 }, { model });

  test.each([true, false])('takes its job with it (stream: %s)', async (streamed) => {
    const model = `scripted/echo?reasoning=${streamed}`;
    const leaving = new AbortController();
    const body = { ...ask({ text: 'one two', hang_after: 2 }, { model }), stream: streamed };
    const answering = open(body, { signal: leaving.signal }).catch(() => null);
    const [{ id }] = await eventually('the job to run', async () => {
      const found = await jobsOf(model);
      return found[0]?.status === 'in_progress' && found;
    });
    if (streamed) await answering;
    leaving.abort();
    expect(await job(id, '?wait=60')).toMatchObject({
      status: 'cancelled',
      attempts: [{ status: 'cancelled' }],
    });
  });

  test.each([
    ['Idempotency-Key', { 'Idempotency-Key': 'goes away' }, {}],
    ['store: true', {}, { store: true }],
    ['X-Sluice-On-Disconnect: continue', { 'X-Sluice-On-Disconnect': 'Continue' }, {}],
  ])('leaves it running with %s', async (name, headers, options) => {
    const model = `scripted/echo?text=${name.length}`;
    const leaving = new AbortController();
    const body = { ...slow(model), ...options, stream: true };
    const response = await open(body, { signal: leaving.signal, headers });
    leaving.abort();
    const settled = await job(response.headers.get('x-sluice-job-id'), '?wait=60');
    expect(settled).toMatchObject({ status: 'completed', finish_reason: 'stop' });
    expect(settled.result.choices[0].message.content).toBe('one two three');
  });

  test('takes it along even if it hangs up right after asking', async () => {
    const model = 'scripted/echo?deltas=2';
    const body = JSON.stringify(ask({ hang_after: 1 }, { model }));
    const request =
      'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    for (let round = 0; round < 50; round += 1) {
      const socket = await connectTo(sluice.url);
      socket.write(request, () => setTimeout(() => socket.resetAndDestroy(), round / 10));
    }
    await eventually('their jobs to be cancelled', async () => {
      const found = await jobsOf(model);
      return found.length > 0 && found.every(({ status }: { status: string }) => status === 'cancelled');
    });
  });
});
