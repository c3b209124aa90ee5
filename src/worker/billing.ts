import type { Delta } from '../core/delta.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Metrics } from '../metrics.ts';
import { type Bill, NOT_BILLED } from '../pricing/pricing.ts';
import type { StreamEnd, Streamed } from './attempt.ts';
import type { AttemptContext, RunnerParts } from './runner-parts.ts';

/** An attempt's stream, and what it used and cost. */
export interface Billed extends Streamed {
  readonly bill: Bill;
}

/** Failures without a delta in which the provider may have been at work nevertheless. All others are refusals. */
const AT_WORK: ReadonlySet<ErrorCode> = new Set([
  'upstream_timeout',
  'upstream_truncated',
  'upstream_invalid_response',
]);

/** Finds out what an attempt used and cost, once, after its stream; counts it. Never rejects. */
export async function bill(parts: RunnerParts, context: AttemptContext, streamed: Streamed): Promise<Billed> {
  const found = await billOf(parts, context, streamed);
  try {
    count(parts.metrics, context, found);
  } catch (error) {
    // Counters refuse what is no amount, and the job has to settle with it.
    const { ticket, claim } = context;
    parts.logger.error({ err: error, jobId: ticket.jobId, epoch: claim.epoch }, 'attempt not counted');
  }
  return { ...withUsage(streamed, found), bill: found };
}

async function billOf(parts: RunnerParts, context: AttemptContext, streamed: Streamed): Promise<Bill> {
  const { end, fold, startedAt } = streamed;
  // Who has lost the job writes nothing of it any more.
  if (isLost(end)) return { usage: fold.usage, cost: null };
  if (isRefused(streamed)) return { usage: null, cost: NOT_BILLED };
  const { ticket, claim, route } = context;
  try {
    return await parts.pricing.bill({ ...route, request: claim.request, fold, startedAt });
  } catch (error) {
    // A job has to settle, whatever it cost.
    parts.logger.error({ err: error, jobId: ticket.jobId, epoch: claim.epoch }, 'attempt without a price');
    return { usage: fold.usage, cost: null };
  }
}

function count({ tokens, cost, unpriced }: Metrics, { ticket, route }: AttemptContext, found: Bill): void {
  const { group } = ticket;
  const { provider } = route.deployment;
  if (found.usage !== null) {
    tokens.inc({ group, direction: 'input' }, found.usage.prompt_tokens);
    tokens.inc({ group, direction: 'output' }, found.usage.completion_tokens);
  }
  if (found.cost === null) unpriced.inc({ group, provider });
  else cost.inc({ group, provider }, found.cost.usd);
}

function isLost(end: StreamEnd): boolean {
  return end.kind === 'interrupted' && ['fenced', 'ticket_lost'].includes(end.interruption.reason);
}

function isRefused({ end, firstDelta }: Streamed): boolean {
  return end.kind === 'failed' && firstDelta === null && !AT_WORK.has(end.error.code);
}

/**
 * A whole answer has usage: where the provider sent none, ours becomes its last delta, for every reader alike. An answer
 * that was cut off stays as it came.
 */
function withUsage(streamed: Streamed, { usage }: Bill): Streamed {
  const { end, fold, digest, tail } = streamed;
  if (end.kind !== 'finished' || fold.usage !== null || usage === null) return streamed;
  const delta: Delta = { type: 'usage', usage };
  fold.add(delta);
  digest.add(delta);
  return { ...streamed, tail: [...tail, delta] };
}
