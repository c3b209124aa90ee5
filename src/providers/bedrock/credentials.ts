import type { Deployment } from '../../config/config.ts';
import { SluiceError } from '../../core/errors.ts';
import type { AwsKeys } from './signature.ts';

type KeySource = () => Promise<AwsKeys>;

/** What to do where there are no credentials. */
const ADVICE =
  'set api_key (AWS_BEARER_TOKEN_BEDROCK), aws_access_key_id and aws_secret_access_key, or aws_profile_name';

/**
 * The keys that deployments sign with: those in their settings, else those of their profile, else what AWS's
 * tools find in the environment, the files of `aws configure`, and on AWS's machines. Found ones are kept and
 * renewed.
 */
export class AwsCredentials {
  /** By the names of profiles; null is none in particular. */
  readonly #sources = new Map<string | null, Promise<KeySource>>();

  /** @throws {SluiceError} `upstream_authentication`, which says what to set and nothing of the keys. */
  async keysFor(deployment: Deployment, region: string): Promise<AwsKeys> {
    const profile = deployment.settings.aws_profile_name ?? null;
    const own = profile === null ? ownKeys(deployment) : null;
    if (own !== null) return own;
    try {
      const source = await this.#source(profile, region);
      return await source();
    } catch (thrown) {
      throw explain(deployment, thrown);
    }
  }

  #source(profile: string | null, region: string): Promise<KeySource> {
    const known = this.#sources.get(profile);
    if (known !== undefined) return known;
    const source = open(profile, region);
    this.#sources.set(profile, source);
    return source;
  }
}

async function open(profile: string | null, region: string): Promise<KeySource> {
  // Most processes need none of it.
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  return defaultProvider({ clientConfig: { region }, ...(profile !== null && { profile }) });
}

/** Null where the settings have none. */
function ownKeys({ settings, id }: Deployment): AwsKeys | null {
  const { aws_access_key_id, aws_secret_access_key, aws_session_token } = settings;
  if (aws_access_key_id === undefined && aws_secret_access_key === undefined) return null;
  if (aws_access_key_id === undefined || aws_secret_access_key === undefined) {
    const missing = aws_access_key_id === undefined ? 'aws_access_key_id' : 'aws_secret_access_key';
    throw failure(`${id} has only half of its AWS credentials: ${missing} is missing`);
  }
  // A token belongs to keys that were lent; beside keys that are somebody's own, it is from somewhere else.
  const lent = !aws_access_key_id.startsWith('AKIA');
  return {
    accessKeyId: aws_access_key_id,
    secretAccessKey: aws_secret_access_key,
    ...(lent && { sessionToken: aws_session_token }),
  };
}

function explain({ id }: Deployment, thrown: unknown): SluiceError {
  const { name, message } = thrown as { readonly name?: unknown; readonly message?: unknown };
  // Of the error itself, only the message is kept: the rest may have what was sent.
  const cause = new Error(String(message));
  if (name === 'CredentialsProviderError') {
    return failure(`no AWS credentials were found for ${id}: ${ADVICE}`, { cause });
  }
  return failure(`the AWS credentials of ${id} could not be fetched`, { cause, retryable: true });
}

function failure(what: string, details: { cause?: unknown; retryable?: boolean } = {}): SluiceError {
  return new SluiceError('upstream_authentication', `bedrock: ${what}.`, details);
}
