import type { Deployment } from '../config/config.ts';
import { SluiceError } from '../core/errors.ts';

/**
 * The address of an endpoint: the deployment's `api_base`, or `own` where it has none, with `path` behind it
 * unless it ends so already. A query in the base is kept, one in `path` is added.
 *
 * @throws {SluiceError} `upstream_unreachable` for a base that is none.
 */
export function endpoint(deployment: Deployment, own: string | null, path: string): string {
  const base = deployment.apiBase ?? own;
  const url = base === null ? null : URL.parse(base);
  if (url === null) {
    const message = `The api_base of ${deployment.id} is not a URL.`;
    throw new SluiceError('upstream_unreachable', message, { retryable: false });
  }
  const [pathname = '', query] = path.split('?');
  const prefix = url.pathname.replace(/\/+$/, '');
  url.pathname = prefix.endsWith(pathname) ? prefix : prefix + pathname;
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.set(name, value);
  return url.href;
}

/** `authorization: Bearer …`, or nothing where the deployment has no key. */
export function bearer({ apiKey }: Deployment): Record<string, string> {
  return apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
}
