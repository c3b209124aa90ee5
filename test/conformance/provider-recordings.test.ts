import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fold } from '../../src/core/fold.ts';
import { createProviders, MODULES, type Providers } from '../../src/providers/registry.ts';
import { deployment, type Outcome, providerCall, run, userRequest } from '../support/provider-calls.ts';
import {
  checkCompletion,
  codeOf,
  RECORDINGS_PRESENT,
  type Recording,
  recordings,
} from '../support/recordings.ts';
import { ReplayServer } from '../support/replay-server.ts';
import { OWN_UPSTREAMS } from './upstreams/all.ts';

const all = recordings();

describe.skipIf(!RECORDINGS_PRESENT)('recordings of providers (../shared/recordings)', () => {
  let replay: ReplayServer;
  let providers: Providers;

  beforeAll(async () => {
    replay = await ReplayServer.start(all);
    providers = createProviders();
  });
  afterAll(async () => {
    await providers.close();
    await replay.stop();
  });

  async function outcomeOf(recording: Recording): Promise<Outcome> {
    const { provider: name, model } = recording;
    const settings = OWN_UPSTREAMS[name]?.[0]?.deployment ?? {};
    const place = deployment({ provider: name, ...settings, apiBase: replay.base(recording) });
    const provider = providers.get(name);
    if (!provider) throw new Error(`There is no provider ${name}.`);
    return run(provider, userRequest('hi'), providerCall({ model, deployment: place }));
  }

  it('are all there', () => {
    expect(all).toHaveLength(101);
    const providersSeen = new Set(all.map(({ provider }) => provider));
    expect(MODULES.map(({ info }) => info.name)).toEqual(expect.arrayContaining([...providersSeen]));
  });

  it.each(all.map((recording) => [recording.name, recording] as const))('%s', async (_name, recording) => {
    const { expected } = recording;
    const { deltas, error } = await outcomeOf(recording);
    if (expected.error === undefined) expect(error).toBeNull();
    else {
      const retryable = expected.error.retryable ?? expect.any(Boolean);
      expect(error).toMatchObject({ name: 'SluiceError', code: codeOf(expected), retryable });
    }
    const fold = new Fold();
    for (const delta of deltas) fold.add(delta);
    checkCompletion(fold.completion({ id: 'i', created: 0, model: 'm' }), expected);
  });
});
