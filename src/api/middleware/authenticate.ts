import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { SluiceError } from '../../core/errors.ts';

/**
 * Lets requests through that bear the master key, as OpenAI's clients send it (`Authorization: Bearer`) or
 * as Anthropic's do (`x-api-key`). Without a master key Sluice listens on loopback only, and this refuses
 * requests whose Host is another name: a web page must not reach it through a name of its own.
 */
export function authenticate(masterKey: string | null, host: string): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    if (masterKey === null) refuseForeignHost(request, host);
    else refuseOtherKeys(request, response, masterKey);
    next();
  };
}

function refuseOtherKeys(request: Request, response: Response, masterKey: string): void {
  const bearer = /^Bearer\s+(.+)$/i.exec(request.get('Authorization') ?? '')?.[1];
  const key = bearer ?? request.get('x-api-key');
  if (key === undefined) {
    response.setHeader('WWW-Authenticate', 'Bearer');
    throw new SluiceError(
      'invalid_api_key',
      'No API key was given. Send the master key in an Authorization header: Bearer YOUR_KEY.',
    );
  }
  // Digests are equally long, which the comparison in constant time needs.
  if (!timingSafeEqual(sha256(key), sha256(masterKey))) {
    response.setHeader('WWW-Authenticate', 'Bearer error="invalid_token"');
    throw new SluiceError('invalid_api_key', 'Incorrect API key. It must be the master key of this Sluice.');
  }
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

function refuseForeignHost(request: Request, host: string): void {
  const asked = request.get('Host') ?? '';
  if (LOOPBACK.test(asked) || asked.startsWith(`${host}:`)) return;
  throw new SluiceError(
    'invalid_host',
    `This Sluice has no master key and answers only to loopback names, not to the host '${asked}'.`,
  );
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
