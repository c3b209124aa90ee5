import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { SluiceError } from '../../core/errors.ts';
import { refuseDepth } from '../../surfaces/validate.ts';

/**
 * Parses JSON bodies up to `limit` bytes. Only `application/json` is taken: a web page can send every other
 * type across origins without asking first.
 */
export function jsonBody(limit: number): RequestHandler[] {
  const parse = express.json({ limit, strict: false, type: 'application/json' });
  const check = (request: Request, _response: Response, next: NextFunction): void => {
    if (request.is('application/json') === false || request.body === undefined) {
      throw new SluiceError(
        'unsupported_media_type',
        'Send the request body as JSON, with the header Content-Type: application/json.',
      );
    }
    if (typeof request.body !== 'object' || request.body === null || Array.isArray(request.body)) {
      throw new SluiceError('invalid_value', 'The request body must be a JSON object.');
    }
    refuseDepth(request.body);
    next();
  };
  return [parse, check];
}
