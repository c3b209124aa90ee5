import { call } from './api-client.ts';
import { sharedSluice } from './shared-sluice.ts';

/** A Sluice for all chat completion tests of a file, and what they all ask of it. */
export function chatSluice() {
  const sluice = sharedSluice({
    config: {
      model_list: [
        { model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } },
        { model_name: 'impatient', litellm_params: { model: 'scripted/echo', stream_timeout: 0.2 } },
      ],
      router_settings: { num_retries: 1 },
    },
  });

  const job = async (id: string | null | undefined, query = '') =>
    (await call('GET', `${sluice.url}/v1/jobs/${id}${query}`)).body;

  /** The jobs of one model, which stands for the test that made them. */
  async function jobsOf(model: string) {
    const { data } = (await call('GET', `${sluice.url}/v1/jobs?limit=100`)).body;
    return data.filter((each: { model: string }) => each.model === model);
  }

  function open(body: object, options: RequestInit = {}): Promise<Response> {
    return fetch(`${sluice.url}/v1/chat/completions`, {
      method: 'POST',
      ...options,
      headers: { 'Content-Type': 'application/json', ...options.headers },
      body: JSON.stringify(body),
    });
  }

  return { sluice, job, jobsOf, open };
}
