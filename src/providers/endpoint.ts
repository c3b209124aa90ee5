import type { Deployment } from '../config/config.ts';
import { SluiceError } from '../core/errors.ts';

/**
 * The address of an endpoint: the deployment's `api_base`, or `own` where it has none, with `path` behind it but
 * for what the base ends with already: some vendors document their base with `/v1`, some without, and people
 * paste whole endpoints. A query in the base is kept, one in `path` is added.
 *
 * @throws {SluiceError} `upstream_unreachable` for a base that is none; `upstream_not_found` for a path that
 * would lead elsewhere, as the name of a model in it may try.
 */
export function endpoint(deployment: Deployment, own: string | null, path: string): string {
  const base = deployment.apiBase ?? own;
  const url = base === null ? null : URL.parse(base);
  if (url === null) {
    const message = `The api_base of ${deployment.id} is not a URL.`;
    throw new SluiceError('upstream_unreachable', message, { retryable: false });
  }
  const [pathname = '', query] = path.split('?');
  if (/\/(\.|%2e){1,2}(\/|$)/i.test(pathname)) {
    const message = `${deployment.id} has no model of this name: it would lead to another address.`;
    throw new SluiceError('upstream_not_found', message, { retryable: false });
  }
  url.pathname = joined(url.pathname.replace(/\/+$/, ''), pathname);
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.set(name, value);
  return url.href;
}

/** `/a/v1` and `/v1/chat` are `/a/v1/chat`. */
function joined(base: string, path: string): string {
  const steps = path.split('/');
  for (let count = steps.length; count > 1; count -= 1) {
    const start = steps.slice(0, count).join('/');
    if (base.endsWith(start)) return base + path.slice(start.length);
  }
  return base + path;
}

/** `authorization: Bearer …`, or nothing where the deployment has no key. */
export function bearer({ apiKey }: Deployment): Record<string, string> {
  return apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
}

/** Where most calls go: an {@link endpoint}, with the deployment's key as {@link bearer}. */
export function bearerEndpoint(deployment: Deployment, own: string | null, path: string) {
  return { url: endpoint(deployment, own, path), headers: bearer(deployment) };
}
