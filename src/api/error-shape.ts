import type { Response } from 'express';
import type { ErrorBody } from '../core/errors.ts';

/** Sends an error in the shape that the client of this endpoint reads. */
export function answerError(response: Response, status: number, error: ErrorBody): void {
  response.status(status).json({ error });
}
