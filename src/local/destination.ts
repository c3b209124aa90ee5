import type { CompletionOptions } from '../client/completion/completion-options.ts';
import type { ModelGroup } from '../config/config.ts';
import { connectionOfCall, type Missing } from '../config/connection.ts';
import { plainDeployment } from '../config/defaults.ts';
import { Problems } from '../config/problems.ts';
import { readTarget } from '../config/target.ts';
import { SluiceError } from '../core/errors.ts';
import { providerOfModel } from '../providers/model-names.ts';
import { PROVIDER_INFOS } from '../providers/registry.ts';
import { requireGroup } from '../routing/require-group.ts';
import { type Route, Router } from '../routing/router.ts';
import type { LocalParts } from './local-parts.ts';

type Given = Pick<CompletionOptions, 'apiKey' | 'baseURL'>;

/** The deployments that serve one call. */
export class Destination {
  readonly #router: Router;
  readonly #group: string;
  readonly #model: string;
  readonly #given: Given;

  constructor(router: Router, { name }: ModelGroup, model: string, given: Given) {
    this.#router = router;
    this.#group = name;
    this.#model = model;
    this.#given = given;
  }

  /** Where the next attempt goes, with what the call says itself in place of what is configured. */
  next(avoid: ReadonlySet<string>): Route {
    const route = this.#router.pick(this.#group, this.#model, avoid);
    if (route === null) throw new Error(`No deployment is left that serves the model ${this.#model}.`);
    const { apiKey = route.deployment.apiKey, baseURL = route.deployment.apiBase } = this.#given;
    return { ...route, deployment: { ...route.deployment, apiKey, apiBase: baseURL } };
  }

  /** Whether there is a further one. */
  offers(avoid: ReadonlySet<string>): boolean {
    return this.#router.offers(this.#group, avoid);
  }
}

/**
 * Finds what serves a model: a group of the configuration, or its provider itself where there is no file, or the call says
 * how to reach it.
 *
 * @throws {SluiceError} `model_not_found` with the nearest names; or naming what has to be known of the provider, and is not.
 */
export function destinationOf(parts: LocalParts, model: string, given: Given): Destination {
  const { router, fromFile } = parts;
  const told = given.apiKey !== undefined || given.baseURL !== undefined;
  const direct =
    router.groupOf(model) === null && (told || !fromFile) ? directGroup(parts, model, given) : null;
  if (direct !== null) return new Destination(new Router([direct]), direct, model, given);
  return new Destination(router, requireGroup(router, model, 'model'), model, given);
}

/** The provider that the model's name tells, as a group of one deployment; null if it tells none. */
function directGroup({ environment }: LocalParts, name: string, given: Given): ModelGroup | null {
  const problems = new Problems('the call');
  const reading = { environment, problems, providers: PROVIDER_INFOS, providerOfModel };
  const shown = { model: name, provider: undefined };
  const target = readTarget({ ...shown, shown }, ['model'], reading);
  if (target === null) return null;
  const { info, model } = target;
  const { apiKey, baseURL: apiBase } = given;
  const { connection, missing } = connectionOfCall(info, { apiKey, apiBase }, reading);
  problems.throwIfAny();
  if (missing.length > 0) throw notReachable(info.title, missing);
  const deployment = plainDeployment(name, { provider: info.name, model, connection });
  return { name, deployments: [deployment] };
}

/** What a call can say itself, by the name that the configuration has for it. */
const OPTIONS: Readonly<Record<string, string>> = { api_key: 'apiKey', api_base: 'baseURL' };

function notReachable(title: string, missing: readonly Missing[]): SluiceError {
  const ways = missing.map(({ key, variables }) => {
    const option = OPTIONS[key] === undefined ? [] : [`give ${OPTIONS[key]}`];
    const set = variables.length === 0 ? [] : [`set ${variables.join(' or ')}`];
    return [...set, ...option, ...(set.length + option.length === 0 ? [`write ${key} in sluice.yaml`] : [])];
  });
  const what = missing.map(({ key, message }) => `${key} ${message}`).join('; ');
  const message = `${title} cannot be called: ${what}. To call it, ${ways.map((way) => way.join(', or ')).join('; and ')}.`;
  const keyless = missing.some(({ key }) => key === 'api_key');
  return new SluiceError(keyless ? 'upstream_authentication' : 'missing_required_parameter', message);
}
