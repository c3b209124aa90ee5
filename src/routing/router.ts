import { distance } from 'fastest-levenshtein';
import type { Deployment, ModelGroup } from '../config/config.ts';

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

  /** The group of this name, else the longest wildcard above it; null if no group serves the model. */
  groupOf(model: string): ModelGroup | null {
    return (
      this.#exact.get(model) ??
      this.#wildcards.find((group) => {
        const prefix = group.name.slice(0, -1);
        return model.startsWith(prefix) && model.length > prefix.length;
      }) ??
      null
    );
  }

  /** Names that a client may have meant, nearest first. */
  nearest(model: string): string[] {
    const bare = model.slice(model.lastIndexOf('/') + 1);
    const candidates = [
      ...this.#exact.keys(),
      ...this.#wildcards.map((group) => `${group.name.slice(0, -1)}${bare}`),
    ];
    return candidates
      .map((name) => ({ name, away: Math.min(distance(model, name), distance(bare, name)) }))
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
    const rest = groupName.endsWith(WILDCARD) ? model.slice(groupName.length - 1) : model;
    return { deployment, model: deployment.model.replace('*', () => rest) };
  }

  /** Whether `pick` would find a deployment. Asking takes no turn. */
  offers(groupName: string, avoid: ReadonlySet<string>): boolean {
    return this.#candidates(groupName, avoid).length > 0;
  }

  #candidates(groupName: string, avoid: ReadonlySet<string>): Deployment[] {
    const group = this.#exact.get(groupName) ?? this.#wildcards.find(({ name }) => name === groupName);
    return group?.deployments.filter(({ id }) => !avoid.has(id)) ?? [];
  }
}
