import { type AddressInfo, createServer } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { GuardedSender } from '../../src/outbound/guarded-sender.ts';
import { call } from '../support/api-client.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

/** Counts who connects; nobody should. */
let connections = 0;
const inside = createServer((socket) => {
  connections += 1;
  socket.destroy();
});
await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
const { port } = inside.address() as AddressInfo;
afterAll(() => inside.close());

const URLS = [
  `http://127.0.0.1:${port}/`,
  `http://localhost:${port}/`,
  `https://localhost:${port}/`,
  `https://0x7f.1:${port}/`,
  `https://[::ffff:127.0.0.1]:${port}/`,
];

// What the configuration names is not checked before it is called, as a name that resolves otherwise by then is not.
const sluice = sharedSluice({
  config: {
    model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
    webhook_endpoints: URLS.map((url) => ({ url, event_types: ['batch.completed'] })),
  },
});

describe('an address within', () => {
  it('is never connected to, however it is written', async () => {
    const { data } = (await call('GET', `${sluice.url}/v1/webhook_endpoints`)).body;
    expect(data.map(({ url }: { url: string }) => url)).toEqual(URLS);
    for (const { id } of data) {
      const body = { event_type: 'batch.completed' };
      const answer = await call('POST', `${sluice.url}/v1/webhook_endpoints/${id}/test`, { body });
      expect([answer.status, answer.body.error.code]).toEqual([400, 'webhook_unreachable']);
      expect(answer.body.error.message).toContain('not on the public internet');
    }
    expect(connections).toBe(0);
  });

  it('is connected to where it is listed', async () => {
    const sender = new GuardedSender(['127.0.0.1'], 5000);
    await expect(sender.post(`http://127.0.0.1:${port}/`, {}, '{}')).rejects.toThrow(/broke off/);
    expect(connections).toBe(1);
    await sender.close();
  });
});
