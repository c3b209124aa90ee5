import type { Config, Deployment } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { providerOfModel } from '../providers/model-names.ts';
import { PROVIDER_INFOS } from '../providers/registry.ts';

/** What a configuration amounts to, without its secrets. */
export interface CheckedConfig {
  readonly config: Config;
  /** The file, or what stands in for it. */
  readonly source: string;
  readonly warnings: readonly string[];
  readonly groups: readonly {
    readonly name: string;
    readonly deployments: readonly {
      readonly provider: string;
      readonly model: string;
      readonly key: string;
    }[];
  }[];
}

/** @throws {ConfigError} with every mistake in the file or the environment. */
export async function checkConfig(file?: string | undefined): Promise<CheckedConfig> {
  const environment = { ...process.env, ...(file !== undefined && { SLUICE_CONFIG: file }) };
  const { config, warnings, fromFile } = await loadConfig(environment, {
    providers: PROVIDER_INFOS,
    providerOfModel,
  });
  const named = environment.SLUICE_CONFIG || 'sluice.yaml';
  return {
    config,
    source: fromFile ? named : 'The environment (there is no sluice.yaml)',
    warnings,
    groups: config.modelGroups.map(({ name, deployments }) => ({
      name,
      deployments: deployments.map((deployment) => ({
        provider: deployment.provider,
        model: deployment.model,
        key: keyOf(deployment),
      })),
    })),
  };
}

/** Whether a deployment has what opens its provider's door, in words. */
export function keyOf({ provider, apiKey, settings }: Deployment): string {
  const info = PROVIDER_INFOS.find(({ name }) => name === provider);
  if (apiKey !== null) return 'has a key';
  if (info === undefined || info.keyVariables.length === 0) {
    return Object.keys(settings).length > 0 ? `has ${Object.keys(settings).join(', ')}` : 'needs no key';
  }
  return `no key: ${info.keyVariables.join(' or ')} is not set`;
}
