import type { Deployment } from '../config/config.ts';
import type { CompletionRequest } from '../core/completion.ts';
import { SluiceError } from '../core/errors.ts';
import { AwsCredentials } from './bedrock/credentials.ts';
import { about, info } from './bedrock/info.ts';
import { type InvokeCall, withInvokeHeaders } from './bedrock/invoke-headers.ts';
import { isRegion, type Route, routeOf } from './bedrock/route.ts';
import { signed } from './bedrock/signature.ts';
import { bearer, endpoint } from './endpoint.ts';
import { withBetas } from './formats/anthropic/betas.ts';
import type { ProviderModule } from './provider.ts';
import type { ProviderCall } from './provider-call.ts';

/** AWS Bedrock. */
export const bedrock: ProviderModule = {
  info,
  about,
  create: (upstream) => {
    const credentials = new AwsCredentials();
    return (asked, by) => {
      const route = routeOf(by.model, by.deployment);
      const { request, call, headers: own } = prepare(asked, { ...by, model: route.model }, route);
      const { deployment } = call;
      const headers = { ...own, accept: acceptOf(route), 'content-type': 'application/json' };
      return upstream.stream(route.format, request, call, (body) => {
        const url = addressOf(deployment, route);
        if (deployment.apiKey !== null) return { url, headers: { ...headers, ...bearer(deployment) } };
        return sign(credentials, deployment, route, { url, headers, body });
      });
    };
  },
};

/** What the headers of other interfaces say is in the body here, and the other way round. */
function prepare(asked: CompletionRequest, by: ProviderCall, { method }: Route): InvokeCall {
  const { call, headers } = withBetas(asked, by);
  const betas = headers['anthropic-beta'];
  const request = betas === undefined ? asked : { ...asked, betas: [], anthropic_beta: betas.split(',') };
  return method === 'converse-stream' ? { request, call, headers: {} } : withInvokeHeaders(request, call);
}

function acceptOf({ method }: Route): string {
  return method === 'invoke' ? 'application/json' : 'application/vnd.amazon.eventstream';
}

/** @throws {SluiceError} `upstream_unreachable` where neither an address nor a region is known. */
function addressOf(deployment: Deployment, route: Route): string {
  const { apiBase, settings } = deployment;
  const base = apiBase ?? settings.aws_bedrock_runtime_endpoint;
  const own = base ?? `https://bedrock-runtime.${regionOf(deployment, route)}.amazonaws.com`;
  return endpoint(deployment, own, `/model/${encodeURIComponent(route.id.toWellFormed())}/${route.method}`);
}

/** @throws {SluiceError} `upstream_unreachable` where nobody said it. */
function regionOf({ settings, id }: Deployment, { region: named }: Route): string {
  const region = named ?? settings.aws_region_name ?? '';
  if (isRegion(region)) return region;
  const problem = region === '' ? 'has no region' : `has a region that is none: ${region}`;
  const message = `bedrock: ${id} ${problem}; set aws_region_name (or AWS_REGION).`;
  throw new SluiceError('upstream_unreachable', message, { retryable: false });
}

async function sign(
  credentials: AwsCredentials,
  deployment: Deployment,
  route: Route,
  request: Parameters<typeof signed>[0],
): Promise<{ url: string; headers: Record<string, string> }> {
  const region = regionOf(deployment, route);
  const keys = await credentials.keysFor(deployment, region);
  // What the deployment adds is sent with the rest, and so has to be signed with it.
  const headers = { ...request.headers, ...deployment.extraHeaders };
  return { url: request.url, headers: await signed({ ...request, headers }, keys, region) };
}
