import { afterAll, beforeAll, expect, it } from 'vitest';
import { submit } from '../support/api-client.ts';
import { Cluster, count, getJob } from '../support/cluster.ts';
import { UpstreamServer } from '../support/upstream-server.ts';

let upstream: UpstreamServer;
let cluster: Cluster;

beforeAll(async () => {
  upstream = await UpstreamServer.start();
  cluster = await Cluster.start({
    model_list: [
      {
        model_name: 'ours',
        litellm_params: { model: 'openai/ours', api_base: upstream.url, api_key: 'sk-test' },
      },
    ],
    router_settings: { num_retries: 0 },
  });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await upstream.stop();
});

it('a worker that dies within a call for embeddings leaves them to another', {
  timeout: 60_000,
}, async () => {
  const vector = { data: [{ index: 0, embedding: [0.5, -2] }], usage: { prompt_tokens: 1, total_tokens: 1 } };
  upstream.script(
    { before: 'hang', steps: [] },
    { headers: { 'content-type': 'application/json' }, steps: [JSON.stringify(vector)] },
  );
  const api = await cluster.run('api');
  const doomed = await cluster.run('worker');
  const id = await submit(api.url, { model: 'ours', input: 'one' }, { url: '/v1/embeddings' });
  const { reader, end } = cluster.follow(api.url, id);
  const { closed } = await upstream.received(1);
  doomed.signal('SIGKILL');
  await closed;
  await cluster.run('worker');

  expect((await end).event).toBe('completed');
  expect(reader.events.map(({ event }) => event)).toEqual(['attempt', 'attempt', 'completed']);
  const { attempts, result } = await getJob(api.url, id);
  expect(attempts).toMatchObject([{ status: 'lost' }, { status: 'completed' }]);
  expect(result.data).toEqual([{ object: 'embedding', index: 0, embedding: [0.5, -2] }]);
  const log = await cluster.log(id);
  expect([count(log, 'attempt'), count(log, 'deltas'), count(log, 'end')]).toEqual([2, 0, 1]);
});
