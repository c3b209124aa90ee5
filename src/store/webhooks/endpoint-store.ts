import type { WebhookEndpoint } from '../../core/webhook-endpoint.ts';
import { keys } from '../keys.ts';
import type { LiveChannels } from '../live.ts';
import type { ScriptedRedis } from '../redis.ts';

/** Endpoints that can be made through the API. */
export const MOST_ENDPOINTS = 100;

/** The endpoints that were made through the API, and the default secret where the configuration has none. */
export class EndpointStore {
  readonly #redis: ScriptedRedis;
  readonly #live: LiveChannels;

  constructor(redis: ScriptedRedis, live: LiveChannels) {
    this.#redis = redis;
    this.#live = live;
  }

  /** All of them, the oldest first. */
  async all(): Promise<WebhookEndpoint[]> {
    const endpoints = await this.#redis.hvals(keys.webhookEndpoints);
    return endpoints
      .map((text) => JSON.parse(text) as WebhookEndpoint)
      .sort((a, b) => a.createdAt - b.createdAt || a.id.localeCompare(b.id));
  }

  /** False if there are too many. */
  create(endpoint: WebhookEndpoint): Promise<boolean> {
    return this.#write(endpoint, MOST_ENDPOINTS);
  }

  /** False if there is none of this id. */
  update(endpoint: WebhookEndpoint): Promise<boolean> {
    return this.#write(endpoint, 0);
  }

  /** False if there was none. */
  async delete(id: string): Promise<boolean> {
    const deleted = await this.#redis.hdel(keys.webhookEndpoints, id);
    await this.#redis.publish(keys.webhookChanges, id);
    return deleted === 1;
  }

  /** Calls `heard` whenever something has changed, or may have. The returned function ends that. */
  async onChange(heard: () => void): Promise<() => void> {
    await this.#live.listen(keys.webhookChanges, heard);
    return () => this.#live.unlisten(keys.webhookChanges, heard);
  }

  /** The secret that all processes share; `candidate` where there was none. */
  async secret(candidate: string): Promise<string> {
    await this.#redis.set(keys.webhookSecret, candidate, 'NX');
    return (await this.#redis.get(keys.webhookSecret)) ?? candidate;
  }

  async #write(endpoint: WebhookEndpoint, most: number): Promise<boolean> {
    const { id } = endpoint;
    const text = JSON.stringify(endpoint);
    const args = [id, text, most, keys.webhookChanges] as const;
    return (await this.#redis.sluiceWebhookEndpoint(keys.webhookEndpoints, ...args)) === 1;
  }
}
