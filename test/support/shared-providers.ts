import { afterAll, beforeAll } from 'vitest';
import type { Provider } from '../../src/providers/provider.ts';
import { createProviders, type Providers } from '../../src/providers/registry.ts';
import { UpstreamServer } from './upstream-server.ts';

/** All providers, and one upstream for them. Not there before the first test. */
export interface SharedProviders {
  readonly upstream: UpstreamServer;
  /** The provider of this name; throws where there is none. */
  provider(name: string): Provider;
}

/** Starts them before the tests of the file, or the block, that calls this, and ends them after these. */
export function sharedProviders(): SharedProviders {
  let running: { upstream: UpstreamServer; providers: Providers } | undefined;

  beforeAll(async () => {
    running = { upstream: await UpstreamServer.start(), providers: createProviders() };
  });
  afterAll(async () => {
    await running?.providers.close();
    await running?.upstream.stop();
  });

  const now = () => {
    if (running === undefined) throw new Error('The shared providers do not run yet.');
    return running;
  };
  return {
    get upstream() {
      return now().upstream;
    },
    provider(name) {
      const provider = now().providers.get(name);
      if (provider === undefined) throw new Error(`There is no provider ${name}.`);
      return provider;
    },
  };
}
