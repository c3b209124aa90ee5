import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express';
import { BlobsUnavailable } from '../../blobs/blob-store.ts';
import { type ErrorBody, SluiceError, statusOf, toSluiceError } from '../../core/errors.ts';
import type { Logger } from '../../log.ts';
import { ArchiveUnavailable } from '../../store/archive/archive.ts';
import { isOutage } from '../../store/redis.ts';
import { answerError } from '../error-shape.ts';

/** What body-parser and the router throw: an `http-errors` error. */
interface HttpError extends Error {
  readonly status?: number;
  readonly type?: string;
  readonly limit?: number;
}

/** Answers whatever was thrown as an error in the shape of its endpoint. */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, request: Request, response: Response, next: NextFunction) => {
    const error = clientError(thrown);
    // An outage of Redis is told by its client, once.
    if (error.status >= 500 && !isOutage(thrown)) {
      const { method, path } = request;
      logger.error(
        { err: error.cause ?? error, requestId: response.get('x-request-id'), method, path },
        'request failed',
      );
    }
    if (response.headersSent) {
      next(thrown);
      return;
    }
    sendError(response, error);
  };
}

/**
 * Seconds that clients are asked to wait, at most: OpenAI's for Node.js ignore more than 60, its Python one gives up beyond
 * 120, and others really wait for as long as they are told.
 */
const LONGEST_WAIT = 60;

/** Sends an error, with the wait that it asks for in every form that clients obey. Never 0, which some take for none. */
function sendError(response: Response, error: SluiceError): void {
  if (error.retryAfter !== null) {
    const seconds = Math.min(Math.max(1, Math.ceil(error.retryAfter)), LONGEST_WAIT);
    response.setHeader('Retry-After', String(seconds));
    response.setHeader('retry-after-ms', String(1000 * seconds));
  }
  if (!error.retryable && isRepeated(error.status)) response.setHeader('x-should-retry', 'false');
  answerError(response, error.status, error.body);
}

/** Whether the official clients repeat a request by themselves that is answered with this status. */
function isRepeated(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/**
 * The answer for a job that settled with an error. Sluice has repeated what was worth repeating, so clients
 * that repeat 409, 429 and 5xx by themselves are told not to.
 */
export function sendJobError(response: Response, error: ErrorBody): void {
  response.setHeader('x-should-retry', 'false');
  answerError(response, statusOf(error), error);
}

/** Answers `OPTIONS` with what a path allows, where there is such a path. */
export function options(allowed: ReadonlyMap<RegExp, string>): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const methods = request.method === 'OPTIONS' ? methodsOf(request.path, allowed) : undefined;
    if (methods === undefined) next();
    else response.setHeader('Allow', methods).status(204).end();
  };
}

/** For paths that no route serves, and for known paths asked with another method. */
export function notFound(allowed: ReadonlyMap<RegExp, string>): RequestHandler {
  return (request: Request, response: Response) => {
    const methods = methodsOf(request.path, allowed);
    if (methods === undefined) throw unknownUrl(request);
    response.setHeader('Allow', methods);
    throw new SluiceError(
      'method_not_allowed',
      `${request.method} is not allowed on ${request.path}; use ${methods}.`,
    );
  };
}

function methodsOf(path: string, allowed: ReadonlyMap<RegExp, string>): string | undefined {
  return [...allowed].find(([pattern]) => pattern.test(path))?.[1];
}

/** The error for what is nowhere. */
export function unknownUrl({ method, path }: Pick<Request, 'method' | 'path'>): SluiceError {
  return new SluiceError('unknown_url', `Unknown request URL: ${method} ${path}.`);
}

function clientError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  if (isOutage(thrown) || thrown instanceof ArchiveUnavailable || thrown instanceof BlobsUnavailable) {
    return new SluiceError(
      'storage_unavailable',
      'The storage is not reachable right now. Try again shortly.',
      { retryAfter: 1, cause: thrown },
    );
  }
  return fromParser(thrown as HttpError) ?? toSluiceError(thrown);
}

function fromParser(error: HttpError): SluiceError | null {
  switch (error.type) {
    case 'entity.parse.failed':
      return new SluiceError('invalid_json', 'The request body is not valid JSON.');
    case 'entity.too.large':
      return new SluiceError(
        'request_too_large',
        `The request body is larger than the limit of ${error.limit} bytes.`,
      );
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new SluiceError(
        'unsupported_media_type',
        `The request body has an ${error.message}. Send UTF-8, as it is or compressed with gzip, br or zstd.`,
      );
    default:
      return error.status !== undefined && error.status < 500
        ? new SluiceError('invalid_value', `The request could not be read: ${error.message}.`)
        : null;
  }
}
