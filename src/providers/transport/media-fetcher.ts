import { Agent, type Dispatcher } from 'undici';
import type { CompletionRequest, MessagePart } from '../../core/completion.ts';
import { SluiceError } from '../../core/errors.ts';
import { isFields } from '../../core/json.ts';
import {
  type AddressRule,
  ForbiddenAddress,
  guardedLookup,
  isPublicAddress,
  literalAddress,
} from '../../outbound/public-address.ts';
import { mediaTypeOf } from './media-type.ts';

/** Bounds of what is fetched for one request. */
export const MEDIA_LIMITS = {
  /** Bytes of one image or file. */
  bytes: 20 * 1024 * 1024,
  /** Bytes of all of them together: providers take no more, and each waits in memory as text. */
  total: 64 * 1024 * 1024,
  /** Different addresses in one request. */
  count: 32,
  redirects: 3,
  /** Ms for one of them, from the first connection to the last byte. */
  timeout: 20_000,
};

/** One address in a request, and its place there. */
interface Place {
  readonly url: string;
  readonly param: string;
}

/** Bytes that may still come for one request. */
interface Budget {
  left: number;
}

export interface MediaFetcherOptions {
  /** Whom it may call; by default the public internet only. */
  readonly allowed?: AddressRule;
  readonly limits?: typeof MEDIA_LIMITS;
}

/**
 * Fetches the images and files that a request names by their address, for providers that want bytes. Clients
 * choose these addresses, so only the public internet is called, at every redirect anew.
 */
export class MediaFetcher {
  readonly #agent: Agent;
  readonly #allowed: AddressRule;
  readonly #limits: typeof MEDIA_LIMITS;

  constructor({ allowed = isPublicAddress, limits = MEDIA_LIMITS }: MediaFetcherOptions = {}) {
    this.#allowed = allowed;
    this.#limits = limits;
    this.#agent = new Agent({ connect: { lookup: guardedLookup(allowed), timeout: limits.timeout } });
  }

  /**
   * The request with every http(s) address of an image or file replaced by a data URI, except those that `keep`
   * says the provider takes as they are. Returns the request itself where there is nothing to do.
   *
   * @throws {SluiceError} `invalid_image_url` naming the address's place; retryable where its server failed.
   */
  inline(
    request: CompletionRequest,
    signal: AbortSignal,
    keep: (url: string) => boolean = () => false,
  ): CompletionRequest | Promise<CompletionRequest> {
    const places = new Map<string, Place>();
    const note = (place: Place): string => {
      if (!keep(place.url) && !places.has(place.url)) places.set(place.url, place);
      return place.url;
    };
    mapUrls(request.messages, note);
    return places.size === 0 ? request : this.#inline(request, [...places.values()], signal);
  }

  /** Closes its connections. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #inline(
    request: CompletionRequest,
    places: readonly Place[],
    signal: AbortSignal,
  ): Promise<CompletionRequest> {
    const [beyond] = places.slice(this.#limits.count);
    if (beyond) throw refusal(beyond, `is one too many: at most ${this.#limits.count} are fetched`);
    const fetched = new Map<string, string>();
    const budget = { left: this.#limits.total };
    // What one of them makes useless need not be fetched to its end.
    const failed = new AbortController();
    const within = AbortSignal.any([signal, failed.signal]);
    try {
      await Promise.all(
        places.map(async (place) => {
          fetched.set(place.url, await this.#fetch(place, within, budget));
        }),
      );
    } finally {
      failed.abort();
    }
    return { ...request, messages: mapUrls(request.messages, ({ url }) => fetched.get(url) ?? url) };
  }

  /** The data URI of what is there. */
  async #fetch(place: Place, signal: AbortSignal, budget: Budget): Promise<string> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(this.#limits.timeout)]);
    try {
      const answer = await this.#follow(place, within);
      const bytes = await this.#read(answer, place, budget);
      const mediaType = mediaTypeOf(bytes, answer.headers['content-type']);
      if (mediaType === null) throw refusal(place, 'is neither an image, nor a PDF, audio or text');
      return `data:${mediaType};base64,${bytes.toString('base64')}`;
    } catch (thrown) {
      if (thrown instanceof SluiceError || signal.aborted) throw thrown;
      if (isForbidden(thrown)) throw refusal(place, 'is not on the public internet');
      const late = within.aborted
        ? `took longer than ${this.#limits.timeout / 1000} s`
        : 'could not be fetched';
      throw refusal(place, late, { retryable: true, cause: thrown });
    }
  }

  async #follow(place: Place, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let { url } = place;
    for (let hops = 0; hops <= this.#limits.redirects; hops += 1) {
      this.#checkLiteral(url, place);
      const headers = { 'user-agent': 'sluice', accept: '*/*', 'accept-encoding': 'identity' };
      const answer = await this.#agent.request({ ...target(url), method: 'GET', headers, signal });
      const { statusCode: status, headers: told } = answer;
      if (status === 200) return answer;
      await answer.body.dump();
      const next = status >= 301 && status <= 308 && URL.parse(String(told.location ?? ''), url);
      if (!next) throw refusal(place, `answered ${status}`, { retryable: status >= 500 });
      if (!['http:', 'https:'].includes(next.protocol))
        throw refusal(place, 'leads to something else than http');
      url = next.href;
    }
    throw refusal(place, `leads on more than ${this.#limits.redirects} times`);
  }

  /** Sockets resolve names, which is where they are checked; an address written as such is never resolved. */
  #checkLiteral(url: string, place: Place): void {
    const address = literalAddress(new URL(url));
    if (address !== null && !this.#allowed(address, address))
      throw refusal(place, 'is not on the public internet');
  }

  async #read(answer: Dispatcher.ResponseData, place: Place, budget: Budget): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
      parts.push(bytes);
      size += bytes.length;
      budget.left -= bytes.length;
      if (size > this.#limits.bytes) throw refusal(place, `is larger than ${this.#limits.bytes} bytes`);
      if (budget.left < 0) {
        throw refusal(place, `is one too many: all together are larger than ${this.#limits.total} bytes`);
      }
    }
    return Buffer.concat(parts);
  }
}

function target(address: string): { origin: string; path: string } {
  const { origin, pathname, search } = new URL(address);
  return { origin, path: pathname + search };
}

function isForbidden(thrown: unknown): boolean {
  if (thrown instanceof ForbiddenAddress) return true;
  return thrown instanceof Error && thrown.cause !== undefined && isForbidden(thrown.cause);
}

/** The address itself is not told: it may have credentials in its query. */
function refusal(
  { param }: Place,
  why: string,
  details: { retryable?: boolean; cause?: unknown } = {},
): SluiceError {
  return new SluiceError('invalid_image_url', `What '${param}' names ${why}.`, { param, ...details });
}

/** The messages with every http(s) address of an image or file put through `map`. */
function mapUrls(messages: CompletionRequest['messages'], map: (place: Place) => string) {
  return messages.map((message, at) => {
    if (!Array.isArray(message.content)) return message;
    const content = message.content.map((part, index) => {
      return mapPart(part, `messages[${at}].content[${index}]`, map);
    });
    return { ...message, content };
  });
}

function mapPart(part: MessagePart, place: string, map: (place: Place) => string): MessagePart {
  const { image_url: image, file } = part as { image_url?: unknown; file?: unknown };
  if (typeof image === 'string' && isHttp(image)) {
    return { ...part, image_url: map({ url: image, param: `${place}.image_url` }) };
  }
  if (isFields(image) && isHttp(image.url)) {
    const url = map({ url: image.url, param: `${place}.image_url.url` });
    return { ...part, image_url: { ...image, url } };
  }
  if (isFields(file) && isHttp(file.file_id)) {
    const { file_id, ...rest } = file;
    const url = map({ url: file_id, param: `${place}.file.file_id` });
    return { ...part, file: isHttp(url) ? file : { ...rest, file_data: url } };
  }
  return part;
}

function isHttp(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value);
}
