import { distance } from 'fastest-levenshtein';
import type { Deployment, ModelGroup } from '../config/config.ts';
import { providerOfModel } from '../providers/model-names.ts';

/** Where an attempt goes: a deployment, and the model to ask it for. */
export interface Route {
  readonly deployment: Deployment;
  readonly model: string;
}

const WILDCARD = '/*';

/** Which group serves a model name, and which deployment of it the next attempt. */
export class Router {
  readonly #exact = new Map<string, ModelGroup>();
  readonly #wildcards: ModelGroup[];
  readonly #turns = new Map<string, number>();

  constructor(groups: readonly ModelGroup[]) {
    for (const group of groups) {
      if (!group.name.endsWith(WILDCARD)) this.#exact.set(group.name, group);
    }
    this.#wildcards = groups
      .filter((group) => group.name.endsWith(WILDCARD))
      .sort((a, b) => b.name.length - a.name.length);
  }

  /**
   * The group of this name, else the longest wildcard above it. A well-known model that is asked for without
   * its provider (`gpt-4o`) is looked for again with it (`openai/gpt-4o`). Null if no group serves the model.
   */
  groupOf(model: string): ModelGroup | null {
    const qualified = qualify(model);
    return this.#named(model) ?? (qualified === null ? null : this.#named(qualified));
  }

  /** Names that a client may have meant, nearest first. */
  nearest(model: string): string[] {
    const slash = model.lastIndexOf('/');
    const bare = model.slice(slash + 1);
    const qualified = qualify(bare);
    const candidates = [
      ...this.#exact.keys(),
      ...this.#wildcards.map((group) => `${group.name.slice(0, -1)}${bare}`),
    ];
    // With the provider that the model is of, a name is right whatever stands before it.
    const away = (name: string): number =>
      name === qualified ? 0 : Math.min(distance(model, name), distance(bare, name));
    return candidates
      .map((name) => ({ name, away: away(name) }))
      .sort((a, b) => a.away - b.away)
      .slice(0, 3)
      .map(({ name }) => name);
  }

  /** The names of all groups, as `GET /v1/models` lists them. */
  get names(): string[] {
    return [...this.#exact.keys(), ...this.#wildcards.map((group) => group.name)];
  }

  /**
   * The next deployment of a group in turn, passing over those to `avoid`. Null if the configuration has
   * no such group, or all its deployments are to be avoided.
   */
  pick(groupName: string, model: string, avoid: ReadonlySet<string>): Route | null {
    const candidates = this.#candidates(groupName, avoid);
    const turn = this.#turns.get(groupName) ?? 0;
    this.#turns.set(groupName, turn + 1);
    const deployment = candidates[turn % candidates.length];
    if (deployment === undefined) return null;
    return { deployment, model: deployment.model.replace('*', () => belowGroup(groupName, model)) };
  }

  /** Whether `pick` would find a deployment. Asking takes no turn. */
  offers(groupName: string, avoid: ReadonlySet<string>): boolean {
    return this.#candidates(groupName, avoid).length > 0;
  }

  #named(model: string): ModelGroup | null {
    const exact = this.#exact.get(model);
    return exact ?? this.#wildcards.find(({ name }) => isBelow(name, model)) ?? null;
  }

  #candidates(groupName: string, avoid: ReadonlySet<string>): Deployment[] {
    const group = this.#exact.get(groupName) ?? this.#wildcards.find(({ name }) => name === groupName);
    return group?.deployments.filter(({ id }) => !avoid.has(id)) ?? [];
  }
}

/** `gpt-4o` as `openai/gpt-4o`; null for what is not well known, or has a provider. */
function qualify(model: string): string | null {
  const provider = providerOfModel(model);
  return provider === null ? null : `${provider}/${model}`;
}

function isBelow(wildcard: string, model: string): boolean {
  const prefix = wildcard.slice(0, -1);
  return model.startsWith(prefix) && model.length > prefix.length;
}

/** What the `*` of a group stands for when it serves this model. */
function belowGroup(groupName: string, model: string): string {
  const name = isBelow(groupName, model) ? model : (qualify(model) ?? model);
  return groupName.endsWith(WILDCARD) ? name.slice(groupName.length - 1) : model;
}
