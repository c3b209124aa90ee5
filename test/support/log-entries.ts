import type { FinishReason, Usage } from '../../src/core/completion.ts';
import type { Delta } from '../../src/core/delta.ts';
import type { ErrorBody } from '../../src/core/errors.ts';
import type { LogEntry } from '../../src/core/log-entry.ts';

export const start = (): Delta => ({ type: 'start', choice: 0 });
export const text = (piece: string): Delta => ({ type: 'text', choice: 0, text: piece });
export const usage = (counts: Usage): Delta => ({ type: 'usage', usage: counts });
export const finish = (reason: FinishReason, native?: string): Delta => ({
  type: 'finish',
  choice: 0,
  reason,
  ...(native !== undefined && { native }),
});

/** The terminal entry of a log. */
export function settled(error: ErrorBody | null = null): LogEntry {
  const outcome = {
    status: error === null ? ('completed' as const) : ('failed' as const),
    usage: null,
    finish_reason: null,
    error,
    digest: { deltas: 0, sha256: '' },
    finished_at: 0,
  };
  return { kind: 'end', offset: { epoch: 1, seq: 99 }, outcome };
}

/** The log of one attempt with these deltas, in one entry, that came to a good end. */
export function entries(...deltas: Delta[]): LogEntry[] {
  return [
    { kind: 'attempt', offset: { epoch: 1, seq: 0 }, attempt: { epoch: 1, provider: 'p', model: 'm' } },
    { kind: 'deltas', offset: { epoch: 1, seq: deltas.length }, deltas },
    settled(),
  ];
}
