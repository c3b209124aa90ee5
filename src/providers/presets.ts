import { GATEWAYS } from './presets/gateways.ts';
import { HOSTS } from './presets/hosts.ts';
import { LABS } from './presets/labs.ts';
import { OWN_SERVERS } from './presets/own-servers.ts';
import { presetModule } from './presets/preset.ts';
import type { ProviderModule } from './provider.ts';

/** The vendors whose API is OpenAI's chat completions, as providers. */
export const compatible: readonly ProviderModule[] = [...LABS, ...HOSTS, ...GATEWAYS, ...OWN_SERVERS].map(
  presetModule,
);
