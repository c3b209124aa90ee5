import { lookup } from 'node:dns/promises';
import { SluiceError } from '../core/errors.ts';
import { listedIn, publicOr } from '../outbound/allowed-hosts.ts';
import { type AddressRule, literalAddress } from '../outbound/public-address.ts';

const LONGEST = 2048;

/** The addresses of a name. Rejects with code ENOTFOUND where there is no such name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** Decides which URLs may be told of events. Sockets check again: a name may resolve to others by then. */
export class WebhookTargets {
  readonly #allowed: AddressRule;
  readonly #listed: AddressRule;
  readonly #resolve: Resolve;

  /** `hosts`: what may be called although it is private or speaks http, as `publicOr` takes them. */
  constructor(hosts: readonly string[] = [], resolve: Resolve = resolveName) {
    this.#allowed = publicOr(hosts);
    this.#listed = listedIn(hosts);
    this.#resolve = resolve;
  }

  /**
   * Checks what a client gave in `param`. The URL itself is not told: its query may hold secrets.
   *
   * @throws {SluiceError} `invalid_value`
   */
  async check(text: string, param: string): Promise<void> {
    const url = text.length > LONGEST ? null : URL.parse(text);
    if (url === null) throw refusal(param, `must be an absolute https URL of at most ${LONGEST} characters`);
    if (url.username !== '' || url.password !== '')
      throw refusal(param, 'must not contain a user or a password');
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      throw refusal(param, 'must begin with https://');
    const host = url.hostname;
    const literal = literalAddress(url);
    const addresses = literal === null ? await this.#addresses(host, param) : [literal];
    const named = literal ?? host;
    if (!addresses.every((address) => this.#allowed(address, named))) {
      throw refusal(
        param,
        'must name a host on the public internet, or one of those that webhooks are allowed to call',
      );
    }
    const listed = addresses.length > 0 && addresses.every((address) => this.#listed(address, named));
    if (url.protocol === 'http:' && !listed) throw refusal(param, 'must begin with https://');
  }

  /** None while names cannot be resolved: the socket will know. */
  async #addresses(host: string, param: string): Promise<readonly string[]> {
    try {
      return await this.#resolve(host);
    } catch (thrown) {
      if (!isMissing(thrown)) return [];
      throw refusal(param, 'names a host that does not exist', thrown);
    }
  }
}

async function resolveName(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true });
  return found.map(({ address }) => address);
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOTFOUND';
}

function refusal(param: string, why: string, cause?: unknown): SluiceError {
  return new SluiceError('invalid_value', `'${param}' ${why}.`, { param, cause });
}
