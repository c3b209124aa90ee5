import type { Deployment } from '../../config/config.ts';
import { SluiceError } from '../../core/errors.ts';

/** Settings whose values open something: `aws_secret_access_key`, `client_secret`, `azure_ad_token`. */
const SECRET = /key|secret|token|credential|password/i;
/** In characters. What is shorter is no secret, and may well be a word of the text. */
const SHORTEST = 8;

/** What an upstream says, without the deployment's own secrets: some servers repeat the key that they refuse. */
export function withoutSecrets(text: string, { apiKey, settings }: Deployment): string {
  const named = Object.entries(settings).filter(([name]) => SECRET.test(name));
  const secrets = [apiKey ?? '', ...named.map(([, value]) => value)];
  return secrets
    .filter((secret) => secret.length >= SHORTEST)
    .reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}

/** The same error, without the deployment's secrets in what it quotes. */
export function errorWithoutSecrets(error: SluiceError, deployment: Deployment): SluiceError {
  const { code, message, param, retryAfter, status, retryable } = error;
  const clean = withoutSecrets(message, deployment);
  if (clean === message) return error;
  return new SluiceError(code, clean, {
    status,
    retryable,
    ...(param !== null && { param }),
    ...(retryAfter !== null && { retryAfter }),
  });
}
