import { createHash } from 'node:crypto';
import type { Script } from './upstream-server.ts';

/** An event of a job's log, written as Sluice's servers do. */
export function logEvent(event: string, id: string, data: object): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A delta with this content. */
export function deltaEvent(id: string, content: string): string {
  const choices = [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }];
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' };
  return logEvent('delta', id, { ...head, choices, usage: null });
}

export function attemptEvent(epoch: number): string {
  return logEvent('attempt', `${epoch}-0`, { epoch, provider: 'openai', model: 'gpt-4o' });
}

/** The end of a log whose last attempt had these deltas. */
export function endEvent(id: string, deltas: readonly string[], status = 'completed'): string {
  const sha256 = createHash('sha256').update(deltas.join('')).digest('hex');
  const error =
    status === 'completed'
      ? null
      : { message: 'It broke.', type: 'server_error', param: null, code: 'upstream_error' };
  const digest = { deltas: deltas.length, sha256 };
  return logEvent(status, id, { status, usage: null, finish_reason: 'stop', error, digest, finished_at: 2 });
}

/** One connection that sends these events, and breaks off behind them. */
export function connection(...events: string[]): Script {
  return { steps: [events.join('')] };
}
