import type { Limits } from '../config/config.ts';
import { SluiceError } from '../core/errors.ts';

/** The largest file of a purpose, in bytes. */
export function mostBytes({ maxFileBytes, maxBatchBytes }: Limits, purpose: unknown): number {
  return purpose === 'batch' ? maxBatchBytes : maxFileBytes;
}

/** Refuses a name that the purpose does not allow, in OpenAI's own words. */
export function refuseName(purpose: string, filename: string): void {
  if (purpose !== 'batch' || filename.toLowerCase().endsWith('.jsonl')) return;
  throw new SluiceError('invalid_request_error', 'Invalid file format for Batch API. Must be .jsonl');
}
