import type { Deployment } from '../config/config.ts';
import { endpoint } from './endpoint.ts';

/** A method of a resource of Google's: `:streamGenerateContent` of `models/gemini-2.5-pro`. */
export interface GoogleMethod {
  /** Google's own address, without a path. */
  readonly origin: string;
  /** Of the API, where the deployment's base names none: `v1beta`. */
  readonly version: string;
  /** `projects/p/locations/l/publishers/google/models/gemini-2.5-pro`. */
  readonly resource: string;
  /** With its query: `:streamGenerateContent?alt=sse`. */
  readonly method: string;
}

const VERSION = /\/v\d+[a-z\d]*$/;

/**
 * The address of a method. The deployment's `api_base` may end with a version, or with the model, to which LiteLLM adds
 * nothing but the method. Throws as {@link endpoint} does.
 */
export function googleEndpoint(deployment: Deployment, asked: GoogleMethod): string {
  const { origin, version, method } = asked;
  const resource = escaped(asked.resource);
  const base = URL.parse(deployment.apiBase ?? origin)?.pathname.replace(/\/+$/, '') ?? '';
  const model = resource.slice(resource.lastIndexOf('/'));
  if (base.endsWith(model)) return endpoint(deployment, origin, method);
  const own = VERSION.test(base) ? '' : `/${version}`;
  return endpoint(deployment, origin, `${own}/${resource}${method}`);
}

/** Clients may name the model: what a name has no business with must not become a query or another path. */
function escaped(resource: string): string {
  return encodeURI(resource.toWellFormed()).replace(/[?#]/g, encodeURIComponent);
}

/** The headers of a key or a token: Google's API keys begin with these letters, and nothing else does. */
export function googleCredential(credential: string): Record<string, string> {
  if (/^(AIza|AQ\.)/.test(credential)) return { 'x-goog-api-key': credential };
  return { authorization: `Bearer ${credential}` };
}
