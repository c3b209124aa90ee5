import { createHash } from 'node:crypto';
import type { Limits } from '../config/config.ts';
import { SluiceError } from '../core/errors.ts';
import { isTerminal, type JobSpec } from '../core/job.ts';
import { newJobId } from '../core/job-id.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Producer } from '../queue/producer.ts';
import { requireGroup } from '../routing/require-group.ts';
import type { Router } from '../routing/router.ts';
import type { Store } from '../store/store.ts';
import type { SurfaceRequest } from '../surfaces/surface.ts';

/** What a client asks for, checked. Times in seconds. */
export interface Submission extends Pick<SurfaceRequest, 'request' | 'stored' | 'metadata' | 'echo'> {
  readonly url: string;
  readonly customId: string | null;
  readonly priority: number;
  readonly delay: number;
  readonly timeout: number | null;
  /** Where to tell of the job's end; checked. */
  readonly webhook: string | null;
  readonly idempotencyKey: string | null;
}

/** A job that will reach its end, whatever happens from here on. */
export interface Accepted {
  readonly job: JobSpec;
  /** An earlier submission with the same idempotency key had created it. */
  readonly replayed: boolean;
  /** Resolves when the job is in the listings. */
  readonly listed: Promise<void>;
}

/** Accepts submissions: the record first, then the ticket, in one go where no idempotency key is given. */
export class Submissions {
  readonly #store: Store;
  readonly #producer: Producer;
  readonly #router: Router;
  readonly #limits: Limits;
  readonly #logger: Logger;
  readonly #metrics: Metrics;

  constructor(parts: {
    store: Store;
    producer: Producer;
    router: Router;
    limits: Limits;
    logger: Logger;
    metrics: Metrics;
  }) {
    this.#store = parts.store;
    this.#producer = parts.producer;
    this.#router = parts.router;
    this.#limits = parts.limits;
    this.#logger = parts.logger;
    this.#metrics = parts.metrics;
  }

  /**
   * Resolves once the job is durable and queued; rejects with the client's mistake, or `storage_unavailable`.
   * `modelParam`: where the client wrote the model.
   */
  async accept(submission: Submission, modelParam: string): Promise<Accepted> {
    const spec = this.#specify(submission, modelParam);
    const key = submission.idempotencyKey;
    const accepted = key === null ? await this.#create(spec) : await this.#createOnce(spec, key, submission);
    if (!accepted.replayed) {
      this.#metrics.jobsSubmitted.inc({ group: spec.group });
      this.#logger.info({ jobId: spec.id, model: spec.model, customId: spec.customId }, 'job queued');
    }
    return accepted;
  }

  #specify(submission: Submission, modelParam: string): JobSpec {
    const { url, request, stored, echo, customId, metadata, priority, delay, webhook } = submission;
    const { model } = request;
    const group = requireGroup(this.#router, model, modelParam);
    const now = Date.now();
    const timeout = submission.timeout ?? this.#limits.jobTimeout;
    const times = { createdAt: now, notBefore: now + 1000 * delay, deadline: now + 1000 * timeout };
    const asked = { url, model, group: group.name, request, stored, echo, customId, metadata, priority };
    return { id: newJobId(), batchId: null, webhook, ...asked, ...times };
  }

  async #create(spec: JobSpec): Promise<Accepted> {
    // Both leave on one connection, in this order: a new id cannot be taken, so nothing waits in between.
    const [{ created, listed }] = await Promise.all([this.#store.jobs.create(spec), this.#enqueue(spec)]);
    return { job: spec, replayed: !created, listed };
  }

  async #createOnce(spec: JobSpec, key: string, submission: Submission): Promise<Accepted> {
    const { url, request, stored, echo, customId, metadata, priority, delay, timeout, webhook } = submission;
    const asked = { url, request, customId, metadata, priority, delay, timeout, stored, echo };
    // Keys that are in use know requests without a webhook by these fields alone.
    const fingerprint = sha256(JSON.stringify(webhook === null ? asked : { ...asked, webhook }));
    const ttl = this.#limits.jobTimeout + this.#limits.resultTtl;
    const tied = await this.#store.jobs.reserve(sha256(key), spec.id, fingerprint, ttl);
    if (tied.fingerprint !== fingerprint) {
      throw new SluiceError(
        'idempotency_key_reused',
        `This Idempotency-Key came with another request before, which became ${tied.jobId}. Use a new key for a new request.`,
      );
    }
    const again = { ...spec, id: tied.jobId };
    if (tied.jobId !== spec.id && stored && (await this.#hasSettled(tied.jobId))) {
      return { job: again, replayed: true, listed: Promise.resolve() };
    }
    // An earlier submission may have died between any two steps: each is repeated, and changes nothing
    // where it had been done.
    return this.#create(again);
  }

  /** Perhaps so long ago that only the archive has it, where a second record would begin it anew. */
  async #hasSettled(jobId: string): Promise<boolean> {
    const job = await this.#store.jobs.get(jobId);
    return job !== null && isTerminal(job.status);
  }

  #enqueue(spec: JobSpec): Promise<void> {
    const { id, group, model, priority } = spec;
    return this.#producer.enqueue({
      id,
      group,
      lane: 'interactive',
      model,
      priority,
      delay: spec.notBefore - spec.createdAt,
    });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
