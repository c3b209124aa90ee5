import { Agent, errors } from 'undici';
import { listedIn, publicOr } from './allowed-hosts.ts';
import { type AddressRule, ForbiddenAddress, guardedLookup, literalAddress } from './public-address.ts';

/** Bytes of a reply that are read, so that its connection can be used again. */
const REPLY = 16 * 1024;

/** What an endpoint answered. */
export interface Reply {
  readonly statusCode: number;
  /** As it was sent. */
  readonly retryAfter: string | null;
}

/** No answer came. Its message says why, for those whose endpoint it is, and names no address. */
export class NoReply extends Error {}

/**
 * Posts to URLs that clients have chosen: to the public internet over https, and to the hosts that are listed. Redirects
 * are not followed, so that nothing else is called.
 */
export class GuardedSender {
  readonly #timeout: number;
  readonly #protocols: Readonly<Record<string, { readonly allowed: AddressRule; readonly agent: Agent }>>;

  /** `hosts`: as `publicOr` takes them. `timeout`: ms from the first connection to the end of the reply. */
  constructor(hosts: readonly string[], timeout: number) {
    this.#timeout = timeout;
    this.#protocols = { 'https:': guarded(publicOr(hosts)), 'http:': guarded(listedIn(hosts)) };
  }

  /** Rejects with the reason of `stop` where that ends it, else with a `NoReply`. */
  async post(
    address: string,
    headers: Record<string, string>,
    body: string,
    stop?: AbortSignal,
  ): Promise<Reply> {
    const url = new URL(address);
    const protocol = this.#protocols[url.protocol];
    const literal = literalAddress(url);
    if (protocol === undefined) throw new NoReply('neither https nor http');
    if (literal !== null && !protocol.allowed(literal, literal)) throw new NoReply(FORBIDDEN);
    const { origin, pathname, search } = url;
    const late = AbortSignal.timeout(this.#timeout);
    const signal = stop === undefined ? late : AbortSignal.any([late, stop]);
    try {
      const answer = await protocol.agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers: { 'user-agent': 'sluice', 'content-type': 'application/json', ...headers },
        body,
        signal,
      });
      // The status says all; what follows is only to be got rid of.
      await answer.body.dump({ limit: REPLY, signal }).catch(() => {});
      return { statusCode: answer.statusCode, retryAfter: header(answer.headers['retry-after']) };
    } catch (thrown) {
      stop?.throwIfAborted();
      if (late.aborted) {
        throw new NoReply(`no answer within ${this.#timeout / 1000} s`, { cause: thrown });
      }
      throw new NoReply(reasonOf(thrown), { cause: thrown });
    }
  }

  /** Closes its connections. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#protocols).map(({ agent }) => agent.destroy()));
  }
}

const FORBIDDEN = 'not on the public internet, nor a host that webhooks are allowed to call';

function guarded(allowed: AddressRule) {
  return { allowed, agent: new Agent({ connect: { lookup: guardedLookup(allowed) } }) };
}

function header(value: string | string[] | undefined): string | null {
  return [value].flat()[0] ?? null;
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'no answer';
  if (thrown instanceof ForbiddenAddress) return FORBIDDEN;
  if (thrown instanceof errors.SocketError) return 'the connection broke off before an answer';
  const code = 'code' in thrown ? String(thrown.code) : thrown.name;
  return thrown.cause === undefined ? `no answer (${code})` : reasonOf(thrown.cause);
}
