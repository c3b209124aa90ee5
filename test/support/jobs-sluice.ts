import { call } from './api-client.ts';
import { sharedSluice } from './shared-sluice.ts';

/** A Sluice for all tests of a file about jobs, and what they all ask of it. */
export function jobsSluice() {
  const sluice = sharedSluice({
    config: {
      model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
      router_settings: { num_retries: 1 },
      general_settings: { job_timeout: 3600 },
    },
  });

  const jobs = (): string => `${sluice.url}/v1/jobs`;
  const get = (id: string, query = '') => call('GET', `${jobs()}/${id}${query}`);
  const settled = (id: string) => get(id, '?wait=60');

  return { sluice, jobs, get, settled };
}
