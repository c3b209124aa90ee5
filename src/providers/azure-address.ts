import type { Deployment } from '../config/config.ts';
import { endpoint } from './endpoint.ts';

/** What Azure OpenAI is asked to do. */
export type AzureOperation = '/chat/completions' | '/responses' | '/embeddings';

/** The last dated version that is not a preview; what came later, reasoning models too, is in `v1` alone. */
export const LAST_DATED = '2024-10-21';
const UNDATED: ReadonlySet<string> = new Set(['v1', 'latest', 'preview']);
const FIRST_WITH_RESPONSES = '2025-03-01';
const FIRST_WITH_STREAM_OPTIONS = '2024-09-01';

/** What people paste behind the address of their resource: `/openai/v1`, `/openai/deployments/gpt-5/…`. */
const OPENAI_PATH = /\/openai(?:\/(?:v1|deployments|responses)(?:\/.*)?)?$/;

/**
 * The version of Azure's API that a deployment is called with, https://learn.microsoft.com/azure/ai-foundry/openai:
 * a date, or `v1`. The address counts more than `api_version`. Without either it is the last dated one, or `v1` for
 * what that does not have: responses, and reasoning models (`reasons`).
 */
export function azureVersion(
  { apiBase, settings }: Deployment,
  operation: AzureOperation,
  reasons: boolean,
): string {
  const base = URL.parse(apiBase ?? '');
  if (/\/openai\/v1(?:\/|$)/.test(base?.pathname ?? '')) return 'v1';
  const told = base?.searchParams.get('api-version') ?? settings.api_version;
  const needsV1 = operation === '/responses' || reasons;
  if (!told) return needsV1 ? 'v1' : LAST_DATED;
  if (UNDATED.has(told)) return 'v1';
  return operation === '/responses' && told < FIRST_WITH_RESPONSES ? 'v1' : told;
}

/** Whether this version takes `stream_options`. */
export function hasStreamOptions(version: string): boolean {
  return version === 'v1' || version >= FIRST_WITH_STREAM_OPTIONS;
}

/**
 * Where Azure OpenAI is called: `v1` has the deployment in the body, dated versions have it in the address, but for
 * responses. A deployment that stands in `api_base` stays.
 *
 * @throws {SluiceError} `upstream_unreachable` for an `api_base` that is no address.
 */
export function azureUrl(
  deployment: Deployment,
  name: string,
  operation: AzureOperation,
  version: string,
): string {
  const base = URL.parse(deployment.apiBase ?? '');
  const [, inBase] = /\/openai\/deployments\/([^/]+)/.exec(base?.pathname ?? '') ?? [];
  const root = resourceOf(deployment, OPENAI_PATH);
  if (version === 'v1') return endpoint(root, null, `/openai/v1${operation}`);
  const within = operation === '/responses' ? '' : `/deployments/${inBase ?? encodeURIComponent(name)}`;
  return endpoint(root, null, `/openai${within}${operation}?api-version=${encodeURIComponent(version)}`);
}

/** The deployment with the address of its resource alone, without what `path` matches, and without a version. */
export function resourceOf(deployment: Deployment, path: RegExp): Deployment {
  const base = URL.parse(deployment.apiBase ?? '');
  if (base === null) return deployment;
  base.pathname = base.pathname.replace(/\/+$/, '').replace(path, '');
  base.searchParams.delete('api-version');
  return { ...deployment, apiBase: base.href };
}
