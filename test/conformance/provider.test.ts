import { describe, expect, it } from 'vitest';
import { createProviders, MODULES, PROVIDER_INFOS } from '../../src/providers/registry.ts';
import { describeProvider } from './provider-suite.ts';
import { OWN_UPSTREAMS } from './upstreams/all.ts';

describe('the registry', () => {
  it('has every provider under its own name', async () => {
    const providers = createProviders();
    expect([...providers.keys()]).toEqual(PROVIDER_INFOS.map(({ name }) => name));
    for (const [name, provider] of providers) expect(provider.name).toBe(name);
    await providers.close();
  });

  it('has every provider whose upstream is described here', () => {
    expect(MODULES.map(({ info }) => info.name)).toEqual(expect.arrayContaining(Object.keys(OWN_UPSTREAMS)));
  });
});

for (const [name, upstreams] of Object.entries(OWN_UPSTREAMS)) {
  for (const scripts of upstreams) describeProvider(name, scripts);
}
