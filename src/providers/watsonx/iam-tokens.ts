import type { Deployment } from '../../config/config.ts';
import { SluiceError } from '../../core/errors.ts';
import type { HttpClient } from '../transport/http-client.ts';

/** Ms before its end at which a token is not used any more. */
const MARGIN_MS = 60_000;
/** Seconds for one exchange. */
const TIMEOUT = 30;

interface Token {
  readonly value: string;
  /** Unix time in ms. */
  readonly until: number;
}

/** Exchanges IBM Cloud API keys for the tokens that IBM's services take, which live for an hour. */
export class IamTokens {
  readonly #http: HttpClient;
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /**
   * The token for the deployment's key, from `url`; calls that come together share one exchange.
   *
   * @throws {SluiceError} `upstream_authentication` for a key that IAM does not know, or what went wrong otherwise.
   */
  async tokenFor(deployment: Deployment, url: string): Promise<string> {
    const name = nameOf(deployment, url);
    const current = this.#tokens.get(name);
    if (current) {
      const known = await current;
      if (known.until > Date.now()) return known.value;
      this.#drop(name, current);
      // Somebody else who waited may have begun the next exchange.
      if (this.#tokens.has(name)) return this.tokenFor(deployment, url);
    }
    const exchange = this.#exchange(deployment, url);
    this.#tokens.set(name, exchange);
    exchange.catch(() => this.#drop(name, exchange));
    return (await exchange).value;
  }

  /** Takes note that the token was refused: the next call gets another. */
  forget(deployment: Deployment, url: string): void {
    this.#tokens.delete(nameOf(deployment, url));
  }

  #drop(name: string, exchange: Promise<Token>): void {
    if (this.#tokens.get(name) === exchange) this.#tokens.delete(name);
  }

  async #exchange(deployment: Deployment, url: string): Promise<Token> {
    const { provider, apiKey } = deployment;
    const form = new URLSearchParams({
      grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
      apikey: apiKey ?? '',
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    // The exchange is for every call that waits for it: no caller's signal ends it.
    const { signal } = new AbortController();
    const patient = { ...deployment, timeout: TIMEOUT, streamTimeout: TIMEOUT };
    const answer = await this.#http
      .json({ url, headers, body: form.toString() }, { provider, deployment: patient, signal })
      .catch((thrown: unknown) => {
        throw aboutTheKey(thrown);
      });
    const { access_token, expires_in } = (answer ?? {}) as { access_token?: unknown; expires_in?: unknown };
    // What no header can carry would fail every call until it ends.
    if (typeof access_token !== 'string' || !/^[\x21-\x7e]+$/.test(access_token)) {
      throw new SluiceError('upstream_invalid_response', `${provider} gave no token for the API key.`);
    }
    const seconds = typeof expires_in === 'number' ? expires_in : 0;
    return { value: access_token, until: Date.now() + seconds * 1000 - MARGIN_MS };
  }
}

function nameOf({ apiKey }: Deployment, url: string): string {
  return `${url} ${apiKey}`;
}

/** IAM answers 400 to a key that it does not know, and there is nothing else in the request that could be wrong. */
function aboutTheKey(thrown: unknown): unknown {
  if (!(thrown instanceof SluiceError) || thrown.code !== 'upstream_bad_request') return thrown;
  const message = 'watsonx: IBM Cloud refused the API key of this deployment.';
  return new SluiceError('upstream_authentication', message, { cause: thrown });
}
