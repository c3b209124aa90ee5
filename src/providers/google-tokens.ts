import { readFile } from 'node:fs/promises';
import { SluiceError } from '../core/errors.ts';
import { type Fields, isFields } from '../core/json.ts';

/** Access to Vertex AI, and to everything else in Google's cloud that the account has been given. */
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** Ms that an exchange may take. Calls wait for one as long as they have time themselves. */
const TIMEOUT_MS = 30_000;

type GoogleAuthLibrary = typeof import('google-auth-library');

/** One account of Google's cloud. */
interface Account {
  token(): Promise<string | null | undefined>;
  /** The project that it belongs to; null where that is not known. */
  project(): Promise<string | null>;
}

/**
 * Google's access tokens. `google-auth-library` gets, keeps and renews them. Credentials are the JSON of a key, the
 * path of a file with it, or null for what the environment offers: `GOOGLE_APPLICATION_CREDENTIALS`, what `gcloud`
 * left behind, or the metadata server of a machine in Google's cloud.
 */
export class GoogleTokens {
  readonly #provider: string;
  readonly #accounts = new Map<string | null, Promise<Account>>();

  constructor(provider: string) {
    this.#provider = provider;
  }

  /** @throws {SluiceError} `upstream_authentication`, which tells nothing of the credentials. */
  async token(credentials: string | null): Promise<string> {
    const token = await this.#ask(credentials, (account) => account.token());
    if (typeof token === 'string' && token !== '') return token;
    // The library would keep it.
    this.#accounts.delete(credentials);
    throw this.#failure('Google gave no token for the credentials of this deployment');
  }

  /** The project of the account; null where it is not known. Throws as {@link GoogleTokens.token} does. */
  project(credentials: string | null): Promise<string | null> {
    return this.#ask(credentials, (account) => account.project());
  }

  async #ask<T>(credentials: string | null, ask: (account: Account) => Promise<T>): Promise<T> {
    try {
      return await ask(await this.#account(credentials));
    } catch (thrown) {
      if (thrown instanceof SluiceError) throw thrown;
      throw this.#explain(thrown);
    }
  }

  #account(credentials: string | null): Promise<Account> {
    const known = this.#accounts.get(credentials);
    if (known !== undefined) return known;
    const account = this.#open(credentials);
    this.#accounts.set(credentials, account);
    // A file that could not be read may be there the next time.
    account.catch(() => this.#accounts.delete(credentials));
    return account;
  }

  async #open(credentials: string | null): Promise<Account> {
    const key = credentials === null ? null : await this.#readKey(credentials);
    // Loading takes a tenth of a second, and most processes need none of it.
    const library = await import('google-auth-library');
    return key?.type === 'service_account' ? serviceAccount(library, key) : anyAccount(library, key);
  }

  async #readKey(credentials: string): Promise<Fields> {
    const inline = credentials.trimStart().startsWith('{');
    const text = inline
      ? credentials
      : await readFile(credentials, 'utf8').catch(() => {
          throw this.#failure('vertex_credentials is neither JSON nor a file that can be read');
        });
    try {
      return JSON.parse(text);
    } catch {
      // What the parser says quotes from the key.
      throw this.#failure('vertex_credentials is not the JSON of a credential of Google’s');
    }
  }

  #explain(thrown: unknown): SluiceError {
    const { code, message, config, response } = thrown as GaxiosFailure;
    // Of the error itself, only the message is kept: the rest has what was sent.
    const cause = new Error(String(message));
    if (config === undefined) {
      const what = 'no usable Google credentials were found: neither vertex_credentials nor default ones';
      return this.#failure(what, { cause });
    }
    if (response === undefined || response === null) {
      const what = `Google’s token server could not be reached (${String(code ?? 'no answer')})`;
      return this.#failure(what, { cause, retryable: true });
    }
    const { status = 0, data } = response;
    const word = isFields(data) && /^\w+$/.test(String(data.error)) ? String(data.error) : status;
    return this.#failure(`Google refused the credentials of this deployment (${word})`, {
      cause,
      retryable: status === 429 || status >= 500,
    });
  }

  #failure(what: string, details: { cause?: unknown; retryable?: boolean } = {}): SluiceError {
    return new SluiceError('upstream_authentication', `${this.#provider}: ${what}.`, details);
  }
}

/** What the library's HTTP client throws; without `config`, what the library throws itself. */
interface GaxiosFailure {
  readonly code?: unknown;
  readonly message?: unknown;
  /** The request. */
  readonly config?: unknown;
  readonly response?: { readonly status?: number; readonly data?: unknown } | null;
}

/** A key of a service account. The library would not ask the token server that the key names. */
function serviceAccount({ JWT, gaxios }: GoogleAuthLibrary, key: Fields): Account {
  const tokenUri = typeof key.token_uri === 'string' ? key.token_uri : null;
  const transporter = new gaxios.Gaxios({ timeout: TIMEOUT_MS });
  if (tokenUri !== null) {
    transporter.interceptors.request.add({
      resolved: (options) => Promise.resolve(Object.assign(options, { url: new URL(tokenUri) })),
    });
  }
  const client = new JWT({
    email: String(key.client_email),
    key: String(key.private_key),
    scopes: [SCOPE],
    transporter,
    ...(tokenUri !== null && { additionalClaims: { aud: tokenUri } }),
  });
  return {
    token: async () => (await client.getAccessToken()).token,
    project: () => Promise.resolve(typeof key.project_id === 'string' ? key.project_id : null),
  };
}

async function anyAccount({ GoogleAuth }: GoogleAuthLibrary, key: Fields | null): Promise<Account> {
  const auth = new GoogleAuth({
    scopes: [SCOPE],
    clientOptions: { transporterOptions: { timeout: TIMEOUT_MS } },
    ...(key !== null && { credentials: key }),
  });
  const client = await auth.getClient();
  return {
    token: async () => (await client.getAccessToken()).token,
    project: () => auth.getProjectId().catch(() => null),
  };
}
