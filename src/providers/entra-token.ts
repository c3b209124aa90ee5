import type {
  AuthorityValidationOptions,
  MultiTenantTokenCredentialOptions,
  TokenCredential,
} from '@azure/identity';
import type { Deployment } from '../config/config.ts';
import type { ProviderSetting } from '../config/provider-info.ts';
import { SluiceError } from '../core/errors.ts';
import type { Destination } from './upstream.ts';

/** What `@azure/identity` lets its credentials be told: how to reach Entra ID, for tests above all. */
export type EntraOptions = MultiTenantTokenCredentialOptions & AuthorityValidationOptions;

/** What Azure's models are shown for. Sovereign clouds have others: `https://cognitiveservices.azure.us/.default`. */
const SCOPE = 'https://cognitiveservices.azure.com/.default';

/** The settings of a deployment that signs in with Entra ID, under LiteLLM's names. */
export const ENTRA_SETTINGS: readonly ProviderSetting[] = [
  {
    name: 'azure_ad_token',
    variables: ['AZURE_AD_TOKEN'],
    about: 'a token of Entra ID, used as it is until it expires',
    secret: true,
  },
  { name: 'tenant_id', variables: ['AZURE_TENANT_ID'], about: 'the tenant of Entra ID' },
  { name: 'client_id', variables: ['AZURE_CLIENT_ID'], about: 'the id of an app registration or identity' },
  {
    name: 'client_secret',
    variables: ['AZURE_CLIENT_SECRET'],
    about: 'the secret of the app registration',
    secret: true,
  },
  {
    name: 'azure_credential',
    variables: ['AZURE_CREDENTIAL'],
    about: '`DefaultAzureCredential` to use what the machine has: a managed identity, a workload, `az login`',
  },
  {
    name: 'azure_scope',
    variables: ['AZURE_SCOPE'],
    about: `what tokens are asked for, by default ${SCOPE}`,
  },
  {
    name: 'azure_authority_host',
    variables: ['AZURE_AUTHORITY_HOST'],
    about: 'the address of Entra ID in a sovereign cloud, as `https://login.microsoftonline.us`',
  },
];

/** Tokens of Microsoft Entra ID, for deployments without a key. Its library caches and renews them. */
export class EntraTokens {
  readonly #options: EntraOptions;
  readonly #credentials = new WeakMap<Deployment, Promise<TokenCredential>>();

  constructor(options: EntraOptions = {}) {
    this.#options = options;
  }

  /**
   * A token for the deployment, or null where its settings ask for none.
   *
   * @throws {SluiceError} `upstream_authentication` where none is given.
   */
  tokenFor(deployment: Deployment, signal: AbortSignal): string | Promise<string> | null {
    const { settings } = deployment;
    if (settings.azure_ad_token) return settings.azure_ad_token;
    const hasSecret = settings.tenant_id && settings.client_id && settings.client_secret;
    const hasMachine = settings.azure_credential === 'DefaultAzureCredential';
    return hasSecret || hasMachine ? this.#fetch(deployment, signal) : null;
  }

  async #fetch(deployment: Deployment, signal: AbortSignal): Promise<string> {
    const { azure_scope: scope = SCOPE } = deployment.settings;
    const known = this.#credentials.get(deployment) ?? this.#create(deployment);
    this.#credentials.set(deployment, known);
    try {
      const credential = await known;
      const found = await credential.getToken(scope, { abortSignal: signal });
      if (found) return found.token;
      throw new Error('no token was given');
    } catch (thrown) {
      throw signal.aborted ? thrown : refusal(deployment, thrown);
    }
  }

  async #create({ settings }: Deployment): Promise<TokenCredential> {
    const { ClientSecretCredential, DefaultAzureCredential } = await import('@azure/identity');
    const { tenant_id, client_id, client_secret, azure_authority_host: host } = settings;
    const options = { ...this.#options, ...(host && { authorityHost: host }) };
    if (tenant_id && client_id && client_secret) {
      return new ClientSecretCredential(tenant_id, client_id, client_secret, options);
    }
    return new DefaultAzureCredential({
      ...options,
      ...(tenant_id && { tenantId: tenant_id }),
      ...(client_id && { managedIdentityClientId: client_id, workloadIdentityClientId: client_id }),
    });
  }
}

/** A call of Azure at `url` with the deployment's key, or with a token of Entra ID. */
export function signedIn(
  url: string,
  deployment: Deployment,
  tokens: EntraTokens,
  signal: AbortSignal,
): Destination | Promise<Destination> {
  const { apiKey } = deployment;
  if (apiKey !== null) return { url, headers: { 'api-key': apiKey } };
  const token = tokens.tokenFor(deployment, signal);
  if (token instanceof Promise) return token.then((found) => withToken(url, found));
  return token === null ? { url, headers: {} } : withToken(url, token);
}

function withToken(url: string, token: string): Destination {
  return { url, headers: { authorization: `Bearer ${token}` } };
}

/** What MSAL says where Entra ID was not reached, or could not answer. */
const TRANSIENT = /network_error|server_error|temporarily_unavailable|AADSTS90033/;

/** The reason is the operator's business: it names tenants and applications. */
function refusal({ provider, settings }: Deployment, thrown: unknown): SluiceError {
  const { client_secret: secret } = settings;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const cause = new Error(secret ? reason.replaceAll(secret, '…') : reason);
  const message = `${provider} was not called: Entra ID gave no token for this deployment.`;
  return new SluiceError('upstream_authentication', message, { retryable: TRANSIENT.test(reason), cause });
}
