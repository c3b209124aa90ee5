import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWN_UPSTREAMS } from '../conformance/upstreams/all.ts';
import { call, submit } from '../support/api-client.ts';
import { Cluster } from '../support/cluster.ts';
import { userRequest } from '../support/provider-calls.ts';
import { checkCompletion, codeOf, RECORDINGS_PRESENT, recordings } from '../support/recordings.ts';
import { ReplayServer } from '../support/replay-server.ts';
import type { SluiceProcess } from '../support/sluice-process.ts';

const all = recordings();

describe.skipIf(!RECORDINGS_PRESENT)('recordings as jobs (../shared/recordings)', () => {
  let replay: ReplayServer;
  let cluster: Cluster;
  let sluice: SluiceProcess;

  beforeAll(async () => {
    replay = await ReplayServer.start(all);
    const providers = [...new Set(all.map(({ provider }) => provider))];
    const model_list = providers.map((provider) => ({
      model_name: `${provider}/*`,
      litellm_params: {
        model: `${provider}/*`,
        api_key: 'sk-test',
        ...OWN_UPSTREAMS[provider]?.[0]?.deployment?.settings,
        api_base: replay.providerBase(provider),
      },
    }));
    cluster = await Cluster.start({ model_list, router_settings: { num_retries: 0 } });
    sluice = await cluster.run();
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await replay.stop();
  });

  it('are all there', () => {
    expect(all).toHaveLength(101);
  });

  it.each(all.map((recording) => [recording.name, recording] as const))('%s', async (_name, recording) => {
    const { provider, model, expected } = recording;
    replay.play(recording);
    const request = userRequest('hi', { model: `${provider}/${model}` });
    const id = await submit(sluice.url, request);
    const { body: job } = await call('GET', `${sluice.url}/v1/jobs/${id}?wait=60`);
    const events = await cluster.follow(sluice.url, id).end;
    expect(job.attempts).toHaveLength(1);
    if (expected.error) {
      expect(job).toMatchObject({ status: 'failed', error: { code: codeOf(expected) } });
      expect(events.event).toBe('failed');
      return;
    }
    expect(job).toMatchObject({ status: 'completed', finish_reason: expected.finish_reason, error: null });
    expect(events.event).toBe('completed');
    checkCompletion(job.result, expected);
  });
});
