import { SluiceError } from '../core/errors.ts';
import type { Interruption } from '../core/interruption.ts';
import type { Provider } from '../providers/provider.ts';
import type { RunEnd, Ticket } from '../queue/consumer.ts';
import type { Route } from '../routing/router.ts';
import type { ClaimedAttempt } from '../store/attempt-store.ts';
import { Attempt } from './attempt.ts';
import { bill } from './billing.ts';
import { Conclusion } from './conclusion.ts';
import type { AttemptContext, RunnerParts } from './runner-parts.ts';

/** What a ticket becomes: claim, call, conclude; again on another deployment if that is worth a try. */
export class JobRunner {
  readonly #parts: RunnerParts;
  readonly #conclusion: Conclusion;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#conclusion = new Conclusion(parts);
  }

  async run(ticket: Ticket, signal: AbortSignal): Promise<RunEnd> {
    const avoid = new Set<string>();
    for (;;) {
      const route = this.#parts.router.pick(ticket.group, ticket.model, avoid);
      if (route === null) throw new Error(`No deployment serves the model ${ticket.model} any more.`);
      const claim = await this.#claim(ticket.jobId, route);
      if (claim.kind !== 'claimed') return this.#conclusion.withoutAttempt(ticket, claim);
      avoid.add(route.deployment.id);
      const another = this.#parts.router.offers(ticket.group, avoid);
      const end = await this.#attempt(ticket, claim, route, another, signal);
      if (end !== 'again') return end;
    }
  }

  #claim(jobId: string, route: Route) {
    return this.#parts.store.attempts.claim(jobId, {
      provider: route.deployment.provider,
      model: route.model,
      worker: this.#parts.workerId,
      maxLostAttempts: this.#parts.limits.maxLostAttempts,
    });
  }

  async #attempt(
    ticket: Ticket,
    claim: ClaimedAttempt,
    route: Route,
    another: boolean,
    signal: AbortSignal,
  ): Promise<RunEnd | 'again'> {
    const { store, limits, running, metrics } = this.#parts;
    const { provider } = route.deployment;
    const context: AttemptContext = { ticket, claim, route, another };
    const attempt = new Attempt(ticket.jobId, claim, {
      provider: this.#provider(provider),
      route,
      log: store.log,
      maxBytes: limits.maxOutputBytes,
    });
    const stop = (): void => attempt.interrupt(signal.reason as Interruption);
    const forget = running.add(ticket.jobId, attempt.interrupt);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    this.#began(context);
    try {
      const ran = await attempt.run();
      if ('digest' in ran) metrics.deltas.inc({ group: ticket.group }, ran.digest.deltas);
      if (ran.firstDelta !== null) {
        metrics.timeToFirstDelta.observe({ group: ticket.group }, ran.firstDelta / 1000);
      }
      return await this.#conclusion.of(context, await bill(this.#parts, context, ran));
    } finally {
      signal.removeEventListener('abort', stop);
      forget();
    }
  }

  #provider(name: string): Provider {
    const provider = this.#parts.providers.get(name);
    if (provider === undefined) throw new SluiceError('internal_error', `There is no provider ${name}.`);
    return provider;
  }

  #began({ ticket, claim, route }: AttemptContext): void {
    const { logger, metrics } = this.#parts;
    if (claim.epoch === 1) {
      metrics.queueWait.observe({ group: ticket.group }, (Date.now() - claim.createdAt) / 1000);
    }
    const { id: deployment } = route.deployment;
    logger.info(
      { jobId: ticket.jobId, epoch: claim.epoch, model: claim.model, deployment },
      'job in_progress',
    );
  }
}
