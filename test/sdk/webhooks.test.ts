import { OpenAI } from 'openai';
import { describe, expect, it } from 'vitest';
import { ask, settledJob } from '../support/ask.ts';
import { OPENAI_VERSIONS } from '../support/openai-versions.ts';
import type { Exchange } from '../support/upstream-server.ts';
import { SECRET, webhooksSluice } from '../support/webhooks-sluice.ts';

const hooks = webhooksSluice();
const client = () => new OpenAI({ baseURL: `${hooks.sluice.url}/v1`, apiKey: 'unused' });

/** As a receiver hands a request to the client. */
function parts({ body, headers }: Exchange): [string, Headers] {
  return [body, new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]))];
}

describe.each(OPENAI_VERSIONS)('%s unwraps', (name, Client) => {
  const { webhooks } = new Client({ apiKey: 'unused', webhookSecret: SECRET });

  it('what the webhook of a job was sent', async () => {
    const hook = name.replace(' ', '-');
    const id = await settledJob(hooks.sluice.url, ask(), { webhook: hooks.hook(hook) });
    const [exchange] = await hooks.arrived(hook);
    const event = exchange && (await webhooks.unwrap(...parts(exchange)));
    expect(event).toMatchObject({ object: 'event', type: 'job.completed', data: { id } });
  });
});

describe("OpenAI's client, version 7", () => {
  const create = (name: string, types: OpenAI.Webhooks.WebhookCreateParams['event_types']) =>
    client().webhooks.create({ name, url: hooks.hook(name), event_types: types });

  it('makes an endpoint, whose secret unwraps what it is sent', async () => {
    const endpoint = await create('made', ['response.completed']);
    expect(endpoint).toEqual({
      id: expect.stringMatching(/^whe_[0-9a-f]{32}$/),
      object: 'webhook_endpoint',
      name: 'made',
      url: hooks.hook('made'),
      event_types: ['response.completed'],
      signing_secret: expect.stringMatching(/^whsec_/),
      signing_secret_hint: `whsec_…${endpoint.signing_secret.slice(-4)}`,
      created_at: expect.any(Number),
      updated_at: endpoint.created_at,
    });
    const response = await client().responses.create({ model: 'scripted/echo', input: 'go' });
    const [exchange] = await hooks.arrived('made');
    if (exchange === undefined) throw new Error('nothing came');
    const event = await client().webhooks.unwrap(...parts(exchange), endpoint.signing_secret);
    expect(event).toMatchObject({ type: 'response.completed', data: { id: response.id } });
    await expect(client().webhooks.unwrap(...parts(exchange), SECRET)).rejects.toThrow(/signature/);
    await client().webhooks.delete(endpoint.id);
  });

  it('lists, shows, changes and deletes endpoints', async () => {
    const made = [await create('same', ['batch.completed']), await create('same', ['batch.failed'])];
    const listed: string[] = [];
    for await (const endpoint of client().webhooks.list({ limit: 1 })) listed.push(endpoint.id);
    expect(listed).toEqual(made.map(({ id }) => id));
    const [{ id }, other] = made as [OpenAI.Webhooks.WebhookEndpointWithSecret, { id: string }];
    const shown = await client().webhooks.retrieve(id);
    expect(shown).not.toHaveProperty('signing_secret');
    const changed = await client().webhooks.update(id, { name: 'other', event_types: ['batch.expired'] });
    expect(changed).toMatchObject({ id, name: 'other', event_types: ['batch.expired'], url: shown.url });
    expect(await client().webhooks.retrieve(id)).toEqual(changed);
    expect(await client().webhooks.delete(id)).toEqual({
      id,
      object: 'webhook_endpoint.deleted',
      deleted: true,
    });
    await expect(client().webhooks.retrieve(id)).rejects.toMatchObject({
      status: 404,
      code: 'webhook_endpoint_not_found',
    });
    await client().webhooks.delete(other.id);
  });

  it('rotates a secret: the old one signs besides for as long as is asked', async () => {
    const { id, signing_secret: first } = await create('rotated', ['batch.completed']);
    const send = async (count: number): Promise<[string, Headers]> => {
      const result = await client().webhooks.test(id, { event_type: 'batch.completed' });
      expect(result).toEqual({
        object: 'webhook_endpoint.test',
        webhook_endpoint_id: id,
        event_type: 'batch.completed',
        success: true,
        status_code: 204,
      });
      const last = (await hooks.arrived('rotated', count)).at(-1);
      if (last === undefined) throw new Error('nothing came');
      return parts(last);
    };
    const isAccepted = async (sent: [string, Headers], secret: string): Promise<boolean> =>
      client()
        .webhooks.unwrap(...sent, secret)
        .then(
          ({ type }) => type === 'batch.completed',
          () => false,
        );
    expect(await isAccepted(await send(1), first)).toBe(true);
    const kept = await client().webhooks.rotateSecret(id, { keep_old_secret_active_for_24_hours: true });
    const both = await send(2);
    expect(kept.signing_secret).not.toBe(first);
    expect(await isAccepted(both, first)).toBe(true);
    expect(await isAccepted(both, kept.signing_secret)).toBe(true);
    const last = await client().webhooks.rotateSecret(id);
    const alone = await send(3);
    expect(await isAccepted(alone, last.signing_secret)).toBe(true);
    expect(await isAccepted(alone, kept.signing_secret)).toBe(false);
    expect(await isAccepted(alone, first)).toBe(false);
    await client().webhooks.delete(id);
  });

  it('is told what an endpoint answers to a test, well or not', async () => {
    const { id } = await create('tested', ['batch.completed']);
    hooks.receiver.script({ status: 500, steps: [] });
    const result = await client().webhooks.test(id, { event_type: 'response.failed' });
    expect(result).toMatchObject({ success: true, status_code: 500 });
    await client().webhooks.delete(id);
  });

  it('lists the types of events', async () => {
    const { data } = await client().webhooks.eventTypes.list();
    expect(data).toContain('batch.completed');
    expect(data).toContain('job.expired');
    const unknown = client().webhooks.create({
      name: 'n',
      url: hooks.hook('n'),
      event_types: ['video.completed'],
    });
    await expect(unknown).rejects.toMatchObject({ status: 400, param: 'event_types[0]' });
  });
});
