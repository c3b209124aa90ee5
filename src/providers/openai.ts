import type { Deployment } from '../config/config.ts';
import type { CompletionRequest } from '../core/completion.ts';
import type { Delta } from '../core/delta.ts';
import type { HttpClient } from './http.ts';
import { OpenAiDecoder } from './openai-decoder.ts';
import type { Provider, ProviderCall } from './provider.ts';

const DEFAULT_BASE = 'https://api.openai.com/v1';

/** OpenAI's chat completions, and every server that speaks like them (set the deployment's `apiBase`). */
export class OpenAiProvider implements Provider {
  readonly name = 'openai';
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  stream(request: CompletionRequest, call: ProviderCall): AsyncIterable<Delta> {
    const { deployment, model, signal } = call;
    return this.#http.postStream(
      {
        provider: this.name,
        base: deployment.apiBase ?? DEFAULT_BASE,
        path: '/chat/completions',
        headers: deployment.apiKey === null ? {} : { authorization: `Bearer ${deployment.apiKey}` },
        body: JSON.stringify(upstreamBody(request, deployment, model)),
        deployment,
        signal,
      },
      new OpenAiDecoder(this.name),
    );
  }
}

/** The client's request as it goes upstream: streamed, with usage, and with the deployment's defaults. */
export function upstreamBody(
  request: CompletionRequest,
  deployment: Deployment,
  model: string,
): Record<string, unknown> {
  const body: Record<string, unknown> = { ...deployment.params };
  // OpenAI refuses a request that has both.
  if (request.max_tokens != null || request.max_completion_tokens != null) {
    delete body.max_tokens;
    delete body.max_completion_tokens;
  }
  for (const [name, value] of Object.entries(request)) {
    if (value !== null || body[name] === undefined) body[name] = value;
  }
  delete body.mock_response;
  if (body.store !== true) {
    // Storing is Sluice's own business unless it was asked for, and OpenAI takes no metadata without it.
    delete body.store;
    delete body.metadata;
  }
  body.model = model;
  body.stream = true;
  body.stream_options = { ...request.stream_options, include_usage: true };
  return body;
}
