import { createHash } from 'node:crypto';
import type { ConfiguredEndpoint, WebhookSettings } from '../config/config.ts';
import type { WebhookEndpoint } from '../core/webhook-endpoint.ts';
import type { WebhookEventType } from '../core/webhook-event.ts';
import type { Logger } from '../log.ts';
import type { EndpointStore } from '../store/webhooks/endpoint-store.ts';
import { newSigningSecret } from './signature.ts';

/** Ms between two looks at the endpoints, in case that a change went unheard. */
const LOOK = 5000;

/** Every endpoint: those of the configuration first, then those made through the API. Kept in the process. */
export class Endpoints {
  readonly #store: EndpointStore;
  readonly #logger: Logger;
  readonly #configured: readonly WebhookEndpoint[];
  #all: readonly WebhookEndpoint[];
  #jobsWanted = false;
  #defaultSecret: string | null;
  #timer: NodeJS.Timeout | null = null;
  #unlisten: (() => void) | null = null;

  constructor(store: EndpointStore, settings: WebhookSettings, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    this.#configured = settings.endpoints.map(asEndpoint);
    this.#defaultSecret = settings.secret;
    this.#all = this.#configured;
  }

  /** Resolves once all of them are known. */
  async start(): Promise<void> {
    this.#unlisten = await this.#store.onChange(() => void this.#look());
    await this.reload();
    this.#timer = setInterval(() => void this.#look(), LOOK);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#unlisten?.();
  }

  get all(): readonly WebhookEndpoint[] {
    return this.#all;
  }

  /** Whether any of them wants to hear of jobs, or of responses. */
  get jobsWanted(): boolean {
    return this.#jobsWanted;
  }

  find(id: string): WebhookEndpoint | null {
    return this.#all.find((endpoint) => endpoint.id === id) ?? null;
  }

  wanting(type: WebhookEventType): WebhookEndpoint[] {
    return this.#all.filter(({ eventTypes }) => eventTypes.includes(type));
  }

  /** Reads what has changed. */
  async reload(): Promise<void> {
    this.#all = [...this.#configured, ...(await this.#store.all())];
    this.#jobsWanted = this.#all.some(({ eventTypes }) =>
      eventTypes.some((type) => !type.startsWith('batch.')),
    );
  }

  /** What signs for an endpoint now; for null, for the URL of a job or batch. */
  async secretsOf(endpoint: WebhookEndpoint | null): Promise<string[]> {
    const own = endpoint?.secret ?? (await this.defaultSecret());
    const former = endpoint?.former ?? null;
    return former !== null && former.until > Date.now() ? [own, former.secret] : [own];
  }

  /** What signs where no other secret does; made once if the configuration has none. */
  async defaultSecret(): Promise<string> {
    this.#defaultSecret ??= await this.#store.secret(newSigningSecret());
    return this.#defaultSecret;
  }

  async #look(): Promise<void> {
    try {
      await this.reload();
    } catch (err) {
      this.#logger.debug({ err }, 'could not look at the endpoints of webhooks; another look will');
    }
  }
}

/** Its id stays as long as it stands in the configuration: it is made of what it says, and of its place if that repeats. */
function asEndpoint(
  { name, url, eventTypes, secret }: ConfiguredEndpoint,
  index: number,
  all: readonly ConfiguredEndpoint[],
): WebhookEndpoint {
  const repeats = all.slice(0, index).filter((other) => other.name === name && other.url === url).length;
  const digest = createHash('sha256')
    .update(JSON.stringify([name, url, repeats]))
    .digest('hex');
  return {
    id: `whe_${digest.slice(0, 32)}`,
    name,
    url,
    eventTypes,
    secret,
    former: null,
    configured: true,
    createdAt: 0,
    updatedAt: 0,
  };
}
