import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { Pricing } from '../pricing/pricing.ts';
import { providerOfModel } from '../providers/model-names.ts';
import { createProviders, PROVIDER_INFOS, type Providers } from '../providers/registry.ts';
import { Router } from '../routing/router.ts';

/** What completions in this process take, wired once. Nothing of it keeps the process alive while no call is under way. */
export interface LocalParts {
  readonly config: Config;
  /** Whether there is a configuration file; without one, `config` holds what the environment offers. */
  readonly fromFile: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly router: Router;
  readonly providers: Providers;
  readonly pricing: Pricing;
}

/**
 * Reads the configuration that a server would have here, and makes what calls go through.
 *
 * @throws {ConfigError} naming every mistake.
 */
export async function openLocalParts(given: NodeJS.ProcessEnv): Promise<LocalParts> {
  // They say where a server listens and what it logs, and other programs read them, too.
  const { HOST: _host, PORT: _port, REDIS_URL: _redis, LOG_LEVEL: _level, ...environment } = given;
  const knowledge = { providers: PROVIDER_INFOS, providerOfModel };
  const { config, warnings, fromFile } = await loadConfig(environment, knowledge);
  for (const warning of warnings) process.emitWarning(warning, 'SluiceWarning');
  const router = new Router(config.modelGroups);
  return { config, fromFile, environment, router, providers: createProviders(), pricing: new Pricing() };
}
