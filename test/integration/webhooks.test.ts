import { beforeEach, describe, expect, it } from 'vitest';
import { ask, cancel, hangingJob, settledJob } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { webhooksSluice } from '../support/webhooks-sluice.ts';

const hooks = webhooksSluice(
  { webhook_timeout: 1 },
  {
    webhook_endpoints: [
      {
        name: 'configured',
        url: 'http://127.0.0.1:1/configured',
        event_types: ['batch.completed'],
        signing_secret: `whsec_${Buffer.alloc(24, 1).toString('base64')}`,
      },
    ],
  },
);

const OK = { status: 204, steps: [] };
/** A job whose webhook is at the receiver. */
const told = (name: string) => settledJob(hooks.sluice.url, ask(), { webhook: hooks.hook(name) });

/** The attempts of the only delivery to the webhook of a job, once it is in a status. */
async function deliveryTo(name: string, status: string) {
  const event = await eventually(`webhooks at ${name}`, () => {
    const [exchange] = hooks.received(`/${name}?token=s3cret`);
    return exchange && JSON.parse(exchange.body);
  });
  return hooks.delivery(`event_id=${event.id}`, status);
}

describe('the webhook of a job', () => {
  it('is told of its end, by a thin event', async () => {
    const id = await told('own');
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
    expect(await deliveryTo('own', 'delivered')).toEqual({
      id: expect.stringMatching(/^whd_[0-9a-f]{32}$/),
      object: 'webhook_delivery',
      event_id: event.id,
      event_type: 'job.completed',
      webhook_endpoint_id: null,
      url: hooks.hook('own'),
      status: 'delivered',
      created_at: event.created_at,
      next_attempt_at: null,
      ended_at: expect.any(Number),
      attempt_count: 1,
      attempts: [
        {
          created_at: expect.any(Number),
          duration_ms: expect.any(Number),
          status_code: 204,
          error: null,
        },
      ],
      event,
    });
  });

  it.each([
    ['failed', { error: { code: 'upstream_error', message: 'This failure was asked for.' } }],
    ['completed', 'fine'],
  ])('says that it has %s', async (status, options) => {
    const name = `own-${status}`;
    await settledJob(hooks.sluice.url, ask(options), { webhook: hooks.hook(name) });
    const [exchange] = await hooks.arrived(name);
    expect(JSON.parse(exchange?.body ?? '').type).toBe(`job.${status}`);
  });

  it('is told of a cancellation, also of one that no worker has seen', async () => {
    const running = await hangingJob(hooks.sluice.url, { webhook: hooks.hook('running') });
    await cancel(hooks.sluice.url, running);
    const body = { body: ask(), delay: 60, webhook: hooks.hook('waiting') };
    const waiting = (await hooks.api('POST', '/jobs', body)).body.id;
    await cancel(hooks.sluice.url, waiting);
    for (const [name, id] of [
      ['running', running],
      ['waiting', waiting],
    ] as const) {
      const [exchange] = await hooks.arrived(name);
      expect(JSON.parse(exchange?.body ?? '')).toMatchObject({ type: 'job.cancelled', data: { id } });
    }
  });

  it('is part of what an idempotency key stands for', async () => {
    const send = (webhook: string) =>
      fetch(`${hooks.sluice.url}/v1/jobs`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'hooked' },
        body: JSON.stringify({ body: ask(), webhook }),
      });
    expect((await send(hooks.hook('keyed'))).status).toBe(202);
    expect((await send(hooks.hook('keyed'))).status).toBe(202);
    expect((await send(hooks.hook('other'))).status).toBe(422);
  });
});

describe('an endpoint that fails', () => {
  // What an earlier test left to be delivered would take the answers that are meant for this one.
  beforeEach(() =>
    eventually('nothing that is still to be delivered', async () => {
      const { data } = (await hooks.api('GET', '/webhook_deliveries?status=pending')).body;
      return data.length === 0;
    }),
  );

  it('is called until it answers well, with one id and signed anew', async () => {
    hooks.receiver.script({ status: 500, steps: ['no'] }, { before: 'reset', steps: [] }, OK);
    await told('flaky');
    const all = await hooks.arrived('flaky', 3);
    expect(new Set(all.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(all.map(({ body }) => body)).size).toBe(1);
    const { attempts, attempt_count } = await deliveryTo('flaky', 'delivered');
    expect(attempts.map((attempt: { error: string; status_code: number }) => attempt.status_code)).toEqual([
      500,
      null,
      204,
    ]);
    expect(attempts[0].error).toBe('answered 500');
    expect(attempts[1].error).toContain('no answer');
    expect(attempt_count).toBe(3);
  });

  it('is left alone for as long as it asks, and called at once when somebody else does', async () => {
    hooks.receiver.script({ status: 503, headers: { 'retry-after': '600' }, steps: [] }, OK);
    await told('busy');
    const waiting = await eventually('a delivery with an attempt', async () => {
      const delivery = await deliveryTo('busy', 'pending');
      return delivery.attempt_count === 1 && delivery;
    });
    expect(waiting.next_attempt_at - waiting.attempts[0].created_at).toBeGreaterThanOrEqual(600);
    const again = await hooks.api('POST', `/webhook_deliveries/${waiting.id}/redeliver`);
    expect(again.body).toMatchObject({ id: waiting.id, status: 'pending' });
    expect(await deliveryTo('busy', 'delivered')).toMatchObject({ attempt_count: 2 });
  });

  it('is given up when it says that it is gone, and tried again when somebody asks', async () => {
    hooks.receiver.script({ status: 410, steps: [] }, OK);
    await told('gone');
    const failed = await deliveryTo('gone', 'failed');
    expect(failed).toMatchObject({ attempt_count: 1, next_attempt_at: null, ended_at: expect.any(Number) });
    expect((await hooks.api('GET', '/webhook_deliveries?status=failed')).body.data).toContainEqual(failed);
    await hooks.api('POST', `/webhook_deliveries/${failed.id}/redeliver`);
    const delivered = await deliveryTo('gone', 'delivered');
    expect(delivered).toMatchObject({ id: failed.id, event_id: failed.event_id, attempt_count: 2 });
    const [first, second] = hooks.received('/gone?token=s3cret');
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  });

  it('leads nowhere else', async () => {
    const location = hooks.hook('elsewhere');
    hooks.receiver.script({ status: 307, headers: { location }, steps: [] }, OK);
    await told('redirect');
    const { attempts } = await deliveryTo('redirect', 'delivered');
    expect(attempts[0]).toMatchObject({
      status_code: 307,
      error: 'answered 307: redirects are not followed',
    });
    expect(hooks.received('/elsewhere?token=s3cret')).toEqual([]);
  });

  it('is not waited for longer than webhook_timeout', async () => {
    hooks.receiver.script({ before: 'hang', steps: [] }, OK);
    await told('slow');
    const { attempts } = await deliveryTo('slow', 'delivered');
    expect(attempts[0]).toMatchObject({ status_code: null, error: 'no answer within 1 s' });
  });

  it('is hung up on when its reply does not end, and has received it nevertheless', async () => {
    const steps = Array.from({ length: 64 }, () => 'x'.repeat(16_384));
    hooks.receiver.script({ status: 200, steps: [...steps, 'hang'] });
    await told('endless');
    const [exchange] = await hooks.arrived('endless');
    const { attempts } = await deliveryTo('endless', 'delivered');
    expect(attempts).toMatchObject([{ status_code: 200, error: null }]);
    await exchange?.closed;
  });
});

describe('a URL that must not be called', () => {
  it.each([
    ['http://10.0.0.1/hook', 'must name a host on the public internet'],
    ['https://169.254.169.254/latest/meta-data', 'must name a host on the public internet'],
    ['ftp://127.0.0.1/', 'must begin with https://'],
    ['hook', 'must be an absolute https URL'],
  ])('is refused where it is given: %s', async (url, why) => {
    const job = await hooks.api('POST', '/jobs', { body: ask(), webhook: url });
    expect([job.status, job.body.error.param]).toEqual([400, 'webhook']);
    expect(job.body.error.message).toContain(why);
    const made = { name: 'n', url, event_types: ['job.completed'] };
    const endpoint = await hooks.api('POST', '/webhook_endpoints', made);
    expect([endpoint.status, endpoint.body.error.param]).toEqual([400, 'url']);
  });
});

describe('an endpoint', () => {
  const make = async (name: string, event_types: string[]) =>
    (await hooks.api('POST', '/webhook_endpoints', { name, url: hooks.hook(name), event_types })).body;

  it('is told of the types that it wants, and of no others', async () => {
    const wants = await make('wants', ['job.completed', 'response.completed']);
    await make('failures', ['job.failed', 'response.failed']);
    const response = await hooks.api('POST', '/responses', { model: 'scripted/echo', input: 'go' });
    const exchanges = await hooks.arrived('wants', 2);
    const events = exchanges.map(({ body }) => JSON.parse(body));
    expect(events.map(({ type }) => type).sort()).toEqual(['job.completed', 'response.completed']);
    expect(events.map(({ data }) => data.id)).toContain(response.body.id);
    const listed = await hooks.api('GET', `/webhook_deliveries?endpoint_id=${wants.id}&limit=1`);
    expect(listed.body).toMatchObject({ has_more: true, data: [{ webhook_endpoint_id: wants.id }] });
    const next = `/webhook_deliveries?endpoint_id=${wants.id}&after=${listed.body.last_id}`;
    expect((await hooks.api('GET', next)).body).toMatchObject({ has_more: false, data: [{ url: null }] });
    expect(hooks.received('/failures?token=s3cret')).toEqual([]);
    await hooks.api('DELETE', `/webhook_endpoints/${wants.id}`);
  });

  it('gets at its new URL what waited for it', async () => {
    hooks.receiver.choose = ({ path }) => (path.startsWith('/moved-from') ? { status: 500, steps: [] } : OK);
    const { id } = await make('moved-from', ['job.completed']);
    await settledJob(hooks.sluice.url, ask());
    await hooks.arrived('moved-from', 1);
    await hooks.api('POST', `/webhook_endpoints/${id}`, { url: hooks.hook('moved-to') });
    await hooks.arrived('moved-to');
    hooks.receiver.choose = null;
    await hooks.api('DELETE', `/webhook_endpoints/${id}`);
  });

  it('fails what waits for it when it is deleted', async () => {
    hooks.receiver.choose = () => ({ status: 500, steps: [] });
    const { id } = await make('deleted', ['job.completed']);
    await settledJob(hooks.sluice.url, ask());
    await hooks.arrived('deleted');
    await hooks.api('DELETE', `/webhook_endpoints/${id}`);
    const { attempts } = await hooks.delivery(`endpoint_id=${id}`, 'failed');
    expect(attempts.at(-1)).toMatchObject({ status_code: null, error: 'the endpoint was deleted' });
    hooks.receiver.choose = null;
  });

  it('fails at once what waits for it longer than anybody would', async () => {
    hooks.receiver.script({ status: 503, headers: { 'retry-after': '600' }, steps: [] });
    const { id } = await make('left', ['job.completed']);
    await settledJob(hooks.sluice.url, ask());
    await eventually('a delivery that waits', async () => {
      const { data } = (await hooks.api('GET', `/webhook_deliveries?endpoint_id=${id}`)).body;
      return data[0]?.attempt_count === 1;
    });
    await hooks.api('DELETE', `/webhook_endpoints/${id}`);
    const { data } = (await hooks.api('GET', `/webhook_deliveries?endpoint_id=${id}`)).body;
    expect(data).toMatchObject([{ status: 'failed', next_attempt_at: null, attempt_count: 2 }]);
  });

  it('of the configuration is shown, and changed there alone', async () => {
    const [shown] = (await hooks.api('GET', '/webhook_endpoints')).body.data;
    expect(shown).toMatchObject({ name: 'configured', event_types: ['batch.completed'], created_at: 0 });
    const path = `/webhook_endpoints/${shown.id}`;
    for (const [method, at, body] of [
      ['POST', path, { name: 'x' }],
      ['POST', `${path}/rotate_secret`, {}],
      ['DELETE', path, undefined],
    ] as const) {
      const answer = await hooks.api(method, at, body);
      expect([answer.status, answer.body.error.code]).toEqual([409, 'webhook_endpoint_configured']);
    }
    const unreachable = await hooks.api('POST', `${path}/test`, { event_type: 'batch.failed' });
    expect([unreachable.status, unreachable.body.error.code]).toEqual([400, 'webhook_unreachable']);
  });
});
