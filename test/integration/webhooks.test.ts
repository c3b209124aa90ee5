import { describe, expect, it } from 'vitest';
import { ask, settledJob } from '../support/ask.ts';
import { webhooksSluice } from '../support/webhooks-sluice.ts';

const hooks = webhooksSluice();

describe('the webhook of a job', () => {
  it('is told of its end, by a thin event', async () => {
    const id = await settledJob(hooks.sluice.url, ask(), { webhook: hooks.hook('own') });
    const [exchange] = await hooks.arrived('own');
    expect(exchange?.method).toBe('POST');
    expect(exchange?.headers['content-type']).toBe('application/json');
    const event = JSON.parse(exchange?.body ?? '');
    expect(event).toEqual({
      id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
      object: 'event',
      created_at: expect.any(Number),
      type: 'job.completed',
      data: { id },
    });
    expect(exchange?.headers['webhook-id']).toBe(event.id);
  });
});
