import { expect, it } from 'vitest';
import { type LoggedCall, Sluice } from '../../src/client/index.ts';
import { eventually } from '../support/eventually.ts';
import { sharedSluice } from '../support/shared-sluice.ts';

const sluice = sharedSluice({
  config: { model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }] },
});

it('a stream that is left before anything was read cancels its job, too', async () => {
  const client = new Sluice({ baseURL: sluice.url, apiKey: null });
  const told: LoggedCall[] = [];
  const stream = client.completion({
    model: 'scripted/lorem?deltas=9&hang_after=2',
    messages: [{ role: 'user', content: 'hi' }],
    stream: true,
    logger_fn: (call) => told.push(call),
  });
  await ReadableStream.from(stream).cancel();
  expect(told.map(({ log_event_type }) => log_event_type)).toEqual(['pre_api_call', 'post_api_call']);
  const id = told[1]?.job_id ?? '';
  await eventually(
    'the job to be cancelled',
    async () => (await client.jobs.retrieve(id)).status === 'cancelled',
  );
  await expect(stream.finalCompletion()).rejects.toThrow('not been read to its end');
});
