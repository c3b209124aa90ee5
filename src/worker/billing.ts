import { isEmbeddingRequest } from '../core/job.ts';
import { usageSent } from '../core/settlement.ts';
import type { Metrics } from '../metrics.ts';
import { isRefusal, missingUsage } from '../pricing/billing-rules.ts';
import { type Bill, NOT_BILLED } from '../pricing/pricing.ts';
import type { CallEnd, Ran } from './attempt.ts';
import type { AttemptContext, RunnerParts } from './runner-parts.ts';

/** What an attempt left behind, and what it used and cost. */
export type Billed = Ran & { readonly bill: Bill };

/** Finds out what an attempt used and cost, once, after its call; counts it. Never rejects. */
export async function bill(parts: RunnerParts, context: AttemptContext, ran: Ran): Promise<Billed> {
  const found = await billOf(parts, context, ran);
  try {
    count(parts.metrics, context, found);
  } catch (error) {
    // Counters refuse what is no amount, and the job has to settle with it.
    const { ticket, claim } = context;
    parts.logger.error({ err: error, jobId: ticket.jobId, epoch: claim.epoch }, 'attempt not counted');
  }
  return { ...withUsage(ran, found), bill: found };
}

async function billOf(parts: RunnerParts, context: AttemptContext, ran: Ran): Promise<Bill> {
  const { end } = ran;
  // Who has lost the job writes nothing of it any more.
  if (isLost(end)) return { usage: usageSent(ran), cost: null };
  if (isRefused(ran)) return { usage: null, cost: NOT_BILLED };
  const { ticket, claim } = context;
  try {
    return await priceOf(parts, context, ran);
  } catch (error) {
    // A job has to settle, whatever it cost.
    parts.logger.error({ err: error, jobId: ticket.jobId, epoch: claim.epoch }, 'attempt without a price');
    return { usage: usageSent(ran), cost: null };
  }
}

function priceOf({ pricing }: RunnerParts, { claim, route }: AttemptContext, ran: Ran): Promise<Bill> {
  const { request } = claim;
  const { startedAt } = ran;
  if (isEmbeddingRequest(request)) {
    return pricing.billEmbeddings({ ...route, request, usage: usageSent(ran), startedAt });
  }
  if (!('fold' in ran)) throw new Error('A completion was asked for, and vectors came.');
  return pricing.bill({ ...route, request, fold: ran.fold, startedAt });
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

function isLost(end: CallEnd): boolean {
  return end.kind === 'interrupted' && ['fenced', 'ticket_lost'].includes(end.interruption.reason);
}

function isRefused({ end, firstDelta }: Ran): boolean {
  return end.kind === 'failed' && isRefusal(end.error, firstDelta !== null);
}

/** An answer that is whole with the usage that it has to have; one that was cut off stays as it came. */
function withUsage(ran: Ran, { usage }: Bill): Ran {
  if (ran.end.kind !== 'finished') return ran;
  if (!('fold' in ran)) {
    const { embeddings } = ran;
    if (usageSent(ran) !== null || usage === null) return ran;
    return { ...ran, embeddings: embeddings && { ...embeddings, usage } };
  }
  const { fold, digest, tail } = ran;
  const delta = missingUsage(fold, usage);
  if (delta === null) return ran;
  fold.add(delta);
  digest.add(delta);
  return { ...ran, tail: [...tail, delta] };
}
