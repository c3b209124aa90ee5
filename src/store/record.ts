import type {
  Attempt,
  AttemptEnding,
  Job,
  JobContent,
  JobRequest,
  JobResult,
  JobSpec,
  JobStatus,
  Outcome,
} from '../core/job.ts';
import type { Fields } from '../core/json.ts';

/** The format of the records that this version writes and reads. */
const RECORD_VERSION = 1;

/** A job's spec as the fields of its hash. Fields written later: see the scripts `claim`, `settle`, `release`. */
export function specToFields(spec: JobSpec): (string | number)[] {
  const fields: Record<string, string | number> = {
    version: RECORD_VERSION,
    status: 'queued',
    epoch: 0,
    url: spec.url,
    model: spec.model,
    group: spec.group,
    request: JSON.stringify(spec.request),
    priority: spec.priority,
    createdAt: spec.createdAt,
    notBefore: spec.notBefore,
    deadline: spec.deadline,
  };
  if (spec.stored) fields.stored = 1;
  if (spec.echo !== null) fields.echo = JSON.stringify(spec.echo);
  if (spec.customId !== null) fields.customId = spec.customId;
  if (spec.metadata !== null) fields.metadata = JSON.stringify(spec.metadata);
  if (spec.batchId !== null) fields.batch = spec.batchId;
  if (spec.webhook !== null) fields.webhook = spec.webhook;
  return Object.entries(fields).flat();
}

/** Reads a record. Throws if another version of Sluice wrote it in a format that this one does not know. */
export function recordToJob(id: string, hash: Record<string, string>): Job {
  const version = Number(hash.version);
  if (version !== RECORD_VERSION) {
    throw new Error(
      `Job ${id} has a record of version ${hash.version}; this Sluice reads ${RECORD_VERSION}.`,
    );
  }
  const outcome = hash.outcome === undefined ? null : (JSON.parse(hash.outcome) as Outcome);
  const epoch = Number(hash.epoch);
  return {
    id,
    url: hash.url ?? '',
    model: hash.model ?? '',
    group: hash.group ?? '',
    stored: hash.stored !== undefined,
    customId: hash.customId ?? null,
    metadata: hash.metadata === undefined ? null : (JSON.parse(hash.metadata) as Record<string, string>),
    batchId: hash.batch ?? null,
    webhook: hash.webhook ?? null,
    priority: Number(hash.priority),
    createdAt: Number(hash.createdAt),
    notBefore: Number(hash.notBefore),
    deadline: Number(hash.deadline),
    status: hash.status as JobStatus,
    epoch,
    startedAt: hash.startedAt === undefined ? null : Number(hash.startedAt),
    finishedAt: hash.finishedAt === undefined ? null : Number(hash.finishedAt),
    attempts: readAttempts(hash, epoch),
    usage: outcome?.usage ?? null,
    finishReason: outcome?.finish_reason ?? null,
    error: outcome?.error ?? null,
    digest: outcome?.digest ?? null,
    cancelRequested: hash.cancel !== undefined,
    end: hash.end ?? null,
  };
}

/** The large fields of a record, in the order of {@link recordToContent}; the script `read` leaves them out. */
export const CONTENT_FIELDS = ['request', 'result', 'echo'] as const;

/** Reads the {@link CONTENT_FIELDS}. */
export function recordToContent([request, result, echo]: readonly (string | null)[]): JobContent {
  return {
    request: JSON.parse(request ?? '{}') as JobRequest,
    result: parsed<JobResult>(result),
    echo: parsed<Fields>(echo),
  };
}

function parsed<T>(json: string | null | undefined): T | null {
  return json == null ? null : (JSON.parse(json) as T);
}

function readAttempts(hash: Record<string, string>, epochs: number): Attempt[] {
  const attempts: Attempt[] = [];
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    const opening = hash[`attempt:${epoch}`];
    const ending = hash[`attempt:${epoch}:end`];
    if (opening === undefined) continue;
    attempts.push({
      finishedAt: null,
      status: 'in_progress',
      error: null,
      usage: null,
      cost: null,
      ...(JSON.parse(opening) as Pick<Attempt, 'epoch' | 'provider' | 'model' | 'startedAt'>),
      ...(ending === undefined ? {} : (JSON.parse(ending) as AttemptEnding & Pick<Attempt, 'finishedAt'>)),
    });
  }
  return attempts;
}
