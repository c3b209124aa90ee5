import { type ErrorCode, SluiceError } from '../core/errors.ts';

/** Refuses a request, naming the field at fault as a path: `input[2].content[0].type`. */
export function refuse(code: ErrorCode, message: string, param: string): never {
  throw new SluiceError(code, message, { param });
}

/** Refuses a request that lacks a field, in the words in which OpenAI's API does. */
export function refuseMissing(param: string): never {
  refuse('missing_required_parameter', `Missing required parameter: '${param}'.`, param);
}

/** The value where it is text; else the field is missing, or of another type than it must be. */
export function requireText(value: unknown, param: string): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) refuseMissing(param);
  refuse('invalid_type', `Invalid type for '${param}': expected a string.`, param);
}
