import type { Deployment } from '../../src/config/config.ts';
import type { CompletionRequest } from '../../src/core/completion.ts';
import type { Delta } from '../../src/core/delta.ts';
import { openai } from '../../src/providers/openai.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { ProviderCall } from '../../src/providers/provider-call.ts';
import type { HttpClient } from '../../src/providers/transport/http-client.ts';
import { MediaFetcher } from '../../src/providers/transport/media-fetcher.ts';
import { Upstream } from '../../src/providers/upstream.ts';

/** A deployment with generous timeouts. */
export function deployment(changes: Partial<Deployment> = {}): Deployment {
  return {
    id: 'test',
    provider: 'openai',
    model: 'gpt-test',
    apiBase: null,
    apiKey: 'sk-test',
    settings: {},
    extraHeaders: {},
    dropParams: false,
    additionalDropParams: [],
    timeout: 60,
    streamTimeout: 30,
    params: {},
    prices: null,
    baseModel: null,
    ...changes,
  };
}

export function providerCall(changes: Partial<ProviderCall> = {}): ProviderCall {
  return {
    deployment: deployment(),
    model: 'gpt-test',
    epoch: 1,
    signal: new AbortController().signal,
    ...changes,
  };
}

export function userRequest(text: string, changes: Partial<CompletionRequest> = {}): CompletionRequest {
  return { model: 'test', messages: [{ role: 'user', content: text }], ...changes };
}

/** Everything that a stream yielded, and what it threw in the end (null: it ended). */
export interface Outcome {
  readonly deltas: Delta[];
  readonly error: unknown;
}

export async function collect(stream: AsyncIterable<Delta>): Promise<Outcome> {
  const deltas: Delta[] = [];
  try {
    for await (const delta of stream) deltas.push(delta);
  } catch (error) {
    return { deltas, error };
  }
  return { deltas, error: null };
}

/** Runs a call to its end. */
export function run(provider: Provider, request: CompletionRequest, call: ProviderCall): Promise<Outcome> {
  return collect(provider.stream(request, call));
}

/** OpenAI's provider over a client of the test's own. */
export function openaiOver(http: HttpClient): Provider {
  return { name: 'openai', stream: openai.create(new Upstream(http, new MediaFetcher())) };
}
