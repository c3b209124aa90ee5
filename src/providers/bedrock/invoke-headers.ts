import type { CompletionRequest } from '../../core/completion.ts';
import { type Fields, fieldsOf } from '../../core/json.ts';
import type { ProviderCall } from '../provider-call.ts';
import { mergeParams } from '../request/merge-params.ts';

/** Fields of Converse that InvokeModel has as headers. */
const HEADER_FIELDS = ['guardrailConfig', 'performanceConfig', 'serviceTier'];

/** Both without the fields that become headers, and those headers. */
export interface InvokeCall {
  readonly request: CompletionRequest;
  readonly call: ProviderCall;
  readonly headers: Readonly<Record<string, string>>;
}

/** What InvokeModel takes as headers, under the names that Converse has for it in its body. */
export function withInvokeHeaders(request: CompletionRequest, call: ProviderCall): InvokeCall {
  const { deployment } = call;
  const { guardrailConfig, performanceConfig, serviceTier } = mergeParams(request, deployment);
  const { guardrailIdentifier, guardrailVersion, trace } = fieldsOf(guardrailConfig);
  const named = {
    'x-amzn-bedrock-guardrailidentifier': guardrailIdentifier,
    'x-amzn-bedrock-guardrailversion': guardrailVersion,
    // Converse says `enabled` where InvokeModel says `ENABLED`.
    'x-amzn-bedrock-trace': typeof trace === 'string' ? trace.toUpperCase() : undefined,
    'x-amzn-bedrock-performanceconfig-latency': fieldsOf(performanceConfig).latency,
    'x-amzn-bedrock-service-tier': fieldsOf(serviceTier).type,
  };
  const headers = Object.entries(named).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string';
  });
  return {
    request: without(request) as CompletionRequest,
    call: { ...call, deployment: { ...deployment, params: without(deployment.params) } },
    headers: Object.fromEntries(headers),
  };
}

function without(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !HEADER_FIELDS.includes(name)));
}
