import { setTimeout as sleep } from 'node:timers/promises';
import type { CompletionRequest } from '../core/completion.ts';
import type { Delta } from '../core/delta.ts';
import { SluiceError } from '../core/errors.ts';
import { decoderFor } from './answer/decoders.ts';
import { bearer, endpoint } from './endpoint.ts';
import { replicatePrediction } from './formats/replicate/format.ts';
import { failureOf, type Prediction, usageOf } from './formats/replicate/reader.ts';
import type { ProviderModule } from './provider.ts';
import type { ProviderCall } from './provider-call.ts';
import { PreparedRequest } from './request/prepared-request.ts';
import type { HttpClient, HttpRequest } from './transport/http-client.ts';

const API_BASE = 'https://api.replicate.com/v1';
const RUNNING: ReadonlySet<unknown> = new Set(['starting', 'processing']);
/** Ms between two looks at a prediction that does not stream. */
const POLL_MS = 500;
/** Seconds for a call beside the answer: to cancel, to ask for counts or for a reason. */
const BESIDE = 5;
/** How often the counts of a prediction are asked for that has ended and is not known to have yet. */
const LOOKS = 3;

/** Replicate: a prediction is created, then its stream is followed. */
export const replicate: ProviderModule = {
  info: {
    name: 'replicate',
    title: 'Replicate',
    keyVariables: ['REPLICATE_API_KEY', 'REPLICATE_API_TOKEN'],
    baseVariables: ['REPLICATE_API_BASE'],
    apiBase: API_BASE,
    promptTemplates: true,
    settings: [],
  },
  about: {
    formats: [replicatePrediction],
    docs: 'https://replicate.com/docs/reference/http',
    notes: [
      'Models are `owner/name`, `owner/name:version` or `deployments/owner/name`.',
      'The conversation becomes one text, by LiteLLM’s `roles`, `initial_prompt_value` and `final_prompt_value` if they are set; system messages go apart to models that are known to take them, and to others with `supports_system_prompt: true`.',
      'Inputs of a model that OpenAI does not have pass as they are: write them into the request, or under `extra_body`.',
      'A call that is given up cancels its prediction; models that do not stream are waited for.',
      'Usage comes from the prediction’s metrics, after its end.',
    ],
  },
  create: (upstream) => (request, call) => new Run(upstream.http, request, call).stream(),
};

/** One prediction, from its creation to its end. */
class Run {
  readonly #http: HttpClient;
  readonly #request: CompletionRequest;
  readonly #call: ProviderCall;
  /** The prediction's id, once it is known. */
  #id: string | null = null;
  #ended = false;
  #givenUp = false;

  constructor(http: HttpClient, request: CompletionRequest, call: ProviderCall) {
    this.#http = http;
    this.#request = request;
    this.#call = call;
  }

  async *stream(): AsyncGenerator<Delta, void, undefined> {
    const { deployment, signal } = this.#call;
    const { provider } = deployment;
    let counted = false;
    try {
      const deltas = this.#http.stream({
        provider,
        deployment,
        signal,
        prepare: (within) => this.#prepare(within),
        decoder: (type) => decoderFor(provider, type, (answer) => replicatePrediction.read(answer)),
      });
      for await (const delta of deltas) {
        counted ||= delta.type === 'usage';
        yield delta;
      }
      this.#ended = true;
      const usage = counted ? null : await this.#usage();
      if (usage !== null) yield { type: 'usage', usage };
    } catch (thrown) {
      throw await this.#reasonFor(thrown);
    } finally {
      this.#giveUp();
    }
  }

  async #prepare(signal: AbortSignal): Promise<HttpRequest> {
    const prediction = await this.#create();
    const { stream } = prediction.urls ?? {};
    if (typeof stream === 'string') return this.#following(stream);
    let { status } = prediction;
    while (RUNNING.has(status)) {
      await sleep(POLL_MS, undefined, { signal });
      ({ status } = await this.#look(this.#call.deployment.timeout));
    }
    this.#ended = true;
    return { method: 'GET', ...this.#own(`/predictions/${this.#id}`), headers: this.#headers() };
  }

  /** A call that is given up now is not broken off: the prediction could not be cancelled without its id. */
  async #create(): Promise<Prediction> {
    const { deployment, model } = this.#call;
    const prepared = new PreparedRequest(this.#request, this.#call, replicatePrediction.supports);
    const body = JSON.stringify(replicatePrediction.encode(prepared));
    const request = { ...this.#own(placeOf(model)), headers: this.#headers(), body };
    const prediction = (await this.#beside(request, deployment.timeout)) as Prediction;
    const { id } = prediction ?? {};
    if (typeof id !== 'string' || !/^[\w-]+$/.test(id)) throw this.#invalid('answered without a prediction');
    this.#id = id;
    if (this.#givenUp) this.#cancel();
    return prediction;
  }

  /** The answer chooses the address of its stream: it gets the key only where that is Replicate. */
  #following(stream: string): HttpRequest {
    const base = new URL(endpoint(this.#call.deployment, API_BASE, ''));
    const url = URL.parse(stream);
    const same = url?.host === base.host && url.protocol === base.protocol;
    if (url === null || (!same && url.protocol !== 'https:')) {
      throw this.#invalid('answered with the address of a stream that is not https');
    }
    const trusted = same || url.hostname.endsWith('.replicate.com');
    return { method: 'GET', url: url.href, headers: trusted ? this.#headers() : {} };
  }

  async #usage() {
    for (let looks = 1; looks <= LOOKS; looks += 1) {
      const prediction = await this.#look().catch(() => null);
      if (prediction === null) return null;
      const usage = usageOf(prediction);
      if (usage !== null || !RUNNING.has(prediction.status)) return usage;
      await sleep(POLL_MS / 2);
    }
    return null;
  }

  /** A stream says that its prediction failed, the prediction says why. */
  async #reasonFor(thrown: unknown): Promise<unknown> {
    if (!(thrown instanceof SluiceError) || thrown.code !== 'upstream_error' || this.#id === null)
      return thrown;
    const { status, error } = await this.#look().catch((): Prediction => ({}));
    if (status !== 'failed') return thrown;
    this.#ended = true;
    return typeof error === 'string' ? failureOf(this.#call.deployment.provider, status, error) : thrown;
  }

  #look(seconds = BESIDE): Promise<Prediction> {
    const request = { method: 'GET' as const, ...this.#own(`/predictions/${this.#id}`) };
    return this.#beside({ ...request, headers: this.#headers() }, seconds) as Promise<Prediction>;
  }

  #giveUp(): void {
    this.#givenUp = true;
    if (this.#id !== null && !this.#ended) this.#cancel();
  }

  /** Nobody waits for it: the caller has gone. */
  #cancel(): void {
    const place = this.#own(`/predictions/${this.#id}/cancel`);
    this.#beside({ ...place, headers: this.#headers() }, BESIDE).catch(() => {});
  }

  #beside(request: HttpRequest, seconds: number): Promise<unknown> {
    const { deployment } = this.#call;
    const patient = { ...deployment, timeout: Math.min(seconds, deployment.timeout) };
    const { signal } = new AbortController();
    const asking = { ...request, headers: { accept: 'application/json', ...request.headers } };
    return this.#http.json(asking, { provider: deployment.provider, deployment: patient, signal });
  }

  #own(path: string): { url: string } {
    return { url: endpoint(this.#call.deployment, API_BASE, path) };
  }

  #headers(): Record<string, string> {
    return { ...bearer(this.#call.deployment), ...this.#call.deployment.extraHeaders };
  }

  #invalid(what: string): SluiceError {
    return new SluiceError('upstream_invalid_response', `${this.#call.deployment.provider} ${what}.`);
  }
}

/** Where predictions of a model are created: `owner/name`, `owner/name:version`, `deployments/owner/name`. */
function placeOf(model: string): string {
  const [name = '', version] = model.split(':');
  if (version || !name.includes('/')) return '/predictions';
  const path = name.split('/').map(encodeURIComponent).join('/');
  return name.startsWith('deployments/') ? `/${path}/predictions` : `/models/${path}/predictions`;
}
