import type { Request, Response } from 'express';
import type { ErrorBody } from '../core/errors.ts';
import { messagesError, messagesStatus } from '../surfaces/messages/error.ts';

/** Paths that only Anthropic has, and those that both vendors have: there its clients' own header tells. */
const ANTHROPIC = /^\/v1\/messages(\/|$)/i;
const SHARED = /^\/v1\/models(\/|$)/i;

/** Whose shapes are read by those who call a path; `either` where a header tells. */
export function vendorOf(path: string): 'openai' | 'anthropic' | 'either' {
  if (ANTHROPIC.test(path)) return 'anthropic';
  return SHARED.test(path) ? 'either' : 'openai';
}

/** Whether the client reads Anthropic's shapes, not OpenAI's. */
export function speaksAnthropic(request: Request): boolean {
  const vendor = vendorOf(request.path);
  return vendor === 'anthropic' || (vendor === 'either' && request.get('anthropic-version') !== undefined);
}

/** Sends an error in the shape that the client of this endpoint reads. */
export function answerError(response: Response, status: number, error: ErrorBody): void {
  const shown = speaksAnthropic(response.req) ? messagesStatus(status, error) : status;
  response.status(shown).json(errorBody(response, error, status));
}

/** The body of an error, in that shape. */
export function errorBody(response: Response, error: ErrorBody, status?: number): object {
  if (!speaksAnthropic(response.req)) return { error };
  return { ...messagesError(error, status), request_id: response.get('x-request-id') ?? null };
}
