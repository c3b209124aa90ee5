import { afterAll, beforeAll, beforeEach } from 'vitest';
import { call } from './api-client.ts';
import { eventually } from './eventually.ts';
import { sharedSluice } from './shared-sluice.ts';
import { type Exchange, UpstreamServer } from './upstream-server.ts';

/** A secret as Standard Webhooks writes it. */
export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** A delivery as the API shows it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as their clients would
export type ShownDelivery = any;

/**
 * A Sluice that may call this machine, with a server that receives webhooks, for the tests of the file that calls this.
 * `settings`: of `general_settings`.
 */
export function webhooksSluice(settings: object = {}, sections: object = {}) {
  const sluice = sharedSluice({
    config: {
      model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
      router_settings: { num_retries: 0 },
      general_settings: {
        webhook_secret: SECRET,
        webhook_allow_hosts: ['127.0.0.1'],
        webhook_retry: 0.02,
        ...settings,
      },
      ...sections,
    },
    secrets: [SECRET, 's3cret'],
  });
  let receiver: UpstreamServer | undefined;
  beforeAll(async () => {
    receiver = await UpstreamServer.start();
  });
  const get = (): UpstreamServer => {
    if (receiver === undefined) throw new Error('The receiver does not run yet.');
    return receiver;
  };
  beforeEach(() => get().script({ status: 204, steps: [] }));
  afterAll(() => get().stop());

  const api = (method: string, path: string, body?: object) =>
    call(method, `${sluice.url}/v1${path}`, body === undefined ? {} : { body });

  /** What came to a path of the receiver. */
  const received = (path: string): Exchange[] => get().exchanges.filter((exchange) => exchange.path === path);

  return {
    sluice,
    get receiver() {
      return get();
    },
    api,
    received,
    /** A URL at the receiver, with a secret in its query. */
    hook: (name: string): string => `${get().url}/${name}?token=s3cret`,
    /** Waits until so many requests have come to a hook. */
    arrived: (name: string, count = 1) =>
      eventually(`${count} webhooks at ${name}`, () => {
        const all = received(`/${name}?token=s3cret`);
        return all.length >= count && all;
      }),
    /** Waits until the only delivery for these terms is in a status. */
    delivery: (query: string, status: string): Promise<ShownDelivery> =>
      eventually(`a delivery to be ${status}`, async () => {
        const { data } = (await api('GET', `/webhook_deliveries?${query}`)).body;
        return data.length === 1 && data[0].status === status && data[0];
      }),
  };
}
