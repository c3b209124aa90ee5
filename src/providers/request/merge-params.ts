import type { Deployment } from '../../config/config.ts';
import type { Fields } from '../../core/json.ts';

/** The client's request with the deployment's parameters where the client set none. */
export function mergeParams(request: Fields, deployment: Deployment): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...deployment.params };
  // Providers refuse a request that has both.
  if (request.max_tokens != null || request.max_completion_tokens != null) {
    delete merged.max_tokens;
    delete merged.max_completion_tokens;
  }
  for (const [name, value] of Object.entries(request)) {
    if (value !== null || merged[name] === undefined) merged[name] = value;
  }
  for (const name of deployment.additionalDropParams) delete merged[name];
  return merged;
}
