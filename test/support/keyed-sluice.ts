import { afterAll } from 'vitest';
import { call } from './api-client.ts';
import { sharedSluice } from './shared-sluice.ts';
import { UpstreamServer } from './upstream-server.ts';

/** Where a deployment finds a server that speaks like OpenAI. */
interface UpstreamPlace {
  readonly api_base: string;
  readonly api_key: string;
}

/**
 * A Sluice with a key, in front of the scripted provider and of one server that stands for vendors, for the tests of the
 * file that calls this. `models`: the entries of `model_list` that lead to that server, which is at `url`.
 */
export async function keyedSluice(
  models: (at: UpstreamPlace, url: string) => object[],
  settings: object = {},
) {
  const upstream = await UpstreamServer.start();
  afterAll(() => upstream.stop());
  const apiKey = 'sk-quetzal-0123456789';
  const sluice = sharedSluice({
    config: {
      model_list: [
        { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
        ...models({ api_base: `${upstream.url}/v1`, api_key: 'sk-upstream' }, upstream.url),
      ],
      router_settings: { num_retries: 0 },
      ...settings,
    },
    env: { SLUICE_MASTER_KEY: apiKey },
    secrets: [apiKey, 'sk-upstream', 'sk-wrong'],
  });
  const headers = { Authorization: `Bearer ${apiKey}` };
  const getJobs = async (path: string) =>
    (await call('GET', `${sluice.url}/v1/jobs${path}`, { headers })).body;
  return {
    upstream,
    sluice,
    apiKey,
    headers,
    /** The body of the last request that the upstream got. */
    // biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as its receiver would
    sent: (): any => JSON.parse(upstream.exchanges.at(-1)?.body ?? 'null'),
    job: (id: string | null | undefined, query = '') => getJobs(`/${id}${query}`),
    jobs: async (): Promise<{ id: string; status: string }[]> => (await getJobs('?limit=100')).data,
    jobCount: async (): Promise<number> => (await getJobs('?limit=100')).data.length,
  };
}
