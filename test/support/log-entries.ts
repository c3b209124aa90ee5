import type { FinishReason, Usage } from '../../src/core/completion.ts';
import type { Delta } from '../../src/core/delta.ts';
import type { Outcome } from '../../src/core/job.ts';
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

export function attempt(epoch: number, provider = 'anthropic'): LogEntry {
  return { kind: 'attempt', offset: { epoch, seq: 0 }, attempt: { epoch, provider, model: 'x' } };
}

export function deltas(epoch: number, ...said: Delta[]): LogEntry {
  return { kind: 'deltas', offset: { epoch, seq: said.length }, deltas: said };
}

export function retry(epoch: number): LogEntry {
  const error = { message: 'broken', type: 'server_error', param: null, code: 'upstream_error' };
  return { kind: 'retry', offset: { epoch, seq: 99 }, retry: { epoch, error, at: 0 } };
}

/** The terminal entry of a log: of a good end, but for what `outcome` says. */
export function end(epoch: number, outcome: Partial<Outcome> = {}): LogEntry {
  const whole: Outcome = {
    status: 'completed',
    usage: null,
    finish_reason: 'stop',
    error: null,
    digest: { deltas: 0, sha256: '' },
    finished_at: 1_700_000_009,
    ...outcome,
  };
  return { kind: 'end', offset: { epoch, seq: 100 }, outcome: whole };
}

/** The log of one attempt with these deltas, in one entry, that came to a good end. */
export function entries(...said: Delta[]): LogEntry[] {
  return [attempt(1), deltas(1, ...said), end(1)];
}
