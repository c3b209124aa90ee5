import type { Request } from 'express';
import { SluiceError } from '../core/errors.ts';
import { type Offset, ORIGIN, parseOffset } from '../core/offset.ts';

/** The longest that a request may be held, in seconds. */
export const MAX_WAIT = 60;
/** The longest `Idempotency-Key`, in characters. */
export const MAX_KEY = 255;
/** What it consists of: printable ASCII, with spaces inside. */
export const KEY = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

/** The `Idempotency-Key`, quoted or bare; null when there is none. */
export function idempotencyKey(request: Request): string | null {
  const header = request.get('Idempotency-Key');
  if (header === undefined) return null;
  const quoted = /^"([^"\\]*)"$/.exec(header);
  const key = quoted?.[1] ?? header;
  if (!KEY.test(key) || key.length > MAX_KEY) {
    throw new SluiceError(
      'invalid_value',
      `Invalid Idempotency-Key: send 1 to ${MAX_KEY} printable ASCII characters, quoted or bare.`,
      { param: 'Idempotency-Key' },
    );
  }
  return key;
}

/** What a request says in `Prefer`. */
export interface Preference {
  readonly respondAsync: boolean;
  /** Seconds to hold the request; null when it did not say. */
  readonly wait: number | null;
}

/**
 * `Prefer: respond-async, wait=N` (RFC 7240). What is not understood is ignored and of a repeated preference
 * the first one counts, as the RFC asks.
 */
export function preference(request: Request): Preference {
  const preferences = new Map<string, string>();
  for (const text of (request.get('Prefer') ?? '').split(',')) {
    // After a semicolon come a preference's own parameters, which those known here do not have.
    const [pair = ''] = text.split(';');
    const [name = '', value = ''] = pair.split('=').map((word) => word.trim());
    const key = name.toLowerCase();
    if (!preferences.has(key)) preferences.set(key, value.replace(/^"(.*)"$/, '$1'));
  }
  const wait = preferences.get('wait') ?? '';
  return {
    respondAsync: preferences.has('respond-async'),
    wait: /^\d+$/.test(wait) ? Math.min(Number(wait), MAX_WAIT) : null,
  };
}

/** What to send back as `Preference-Applied`; null for nothing. */
export function preferenceApplied({ respondAsync, wait }: Preference): string | null {
  const applied = [respondAsync ? 'respond-async' : null, wait === null ? null : `wait=${wait}`];
  return applied.filter((token) => token !== null).join(', ') || null;
}

/**
 * Where a reader wants to resume: `Last-Event-ID`, which a reconnecting EventSource sends and so is newer,
 * else `?after=`.
 */
export function resumeOffset(request: Request): Offset {
  const header = request.get('Last-Event-ID');
  const text = header === undefined || header === '' ? request.query.after : header;
  if (text === undefined || text === '') return ORIGIN;
  const offset = typeof text === 'string' ? parseOffset(text) : null;
  if (offset !== null) return offset;
  const param = header ? 'Last-Event-ID' : 'after';
  throw new SluiceError(
    'invalid_offset',
    `Invalid ${param}: expected the id of an event, '<epoch>-<seq>', such as '1-42'.`,
    { param },
  );
}
