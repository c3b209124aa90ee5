import {
  BATCH_STATUSES,
  type Batch,
  type BatchSpec,
  type BatchStatus,
  type InputError,
} from '../../core/batch.ts';

/** The format of the records that this version writes and reads. */
const RECORD_VERSION = 1;

/** What the hash of a new batch has besides its spec. What is written later: see the scripts `batch-*`. */
export function batchToFields(spec: BatchSpec): Record<string, string | number> {
  return {
    version: RECORD_VERSION,
    status: 'validating',
    epoch: 0,
    'since:validating': spec.createdAt,
  };
}

/** Reads a record. Throws if another version of Sluice wrote it in a format that this one does not know. */
export function fieldsToBatch(id: string, hash: Readonly<Record<string, string>>): Batch {
  if (Number(hash.version) !== RECORD_VERSION) {
    throw new Error(
      `Batch ${id} has a record of version ${hash.version}; this Sluice reads ${RECORD_VERSION}.`,
    );
  }
  const count = (name: string): number => Number(hash[name] ?? 0);
  return {
    ...(JSON.parse(hash.spec ?? '{}') as BatchSpec),
    status: hash.status as BatchStatus,
    model: hash.model ?? null,
    errors: JSON.parse(hash.errors ?? '[]') as InputError[],
    counts: {
      total: count('total'),
      completed: count('completed'),
      failed: count('failed'),
      cancelled: count('cancelled'),
      expired: count('expired'),
    },
    usage: {
      inputTokens: count('inputTokens'),
      cachedTokens: count('cachedTokens'),
      outputTokens: count('outputTokens'),
      reasoningTokens: count('reasoningTokens'),
    },
    cost: count('cost'),
    unpriced: count('unpriced'),
    outputFileId: hash.outputFileId ?? null,
    errorFileId: hash.errorFileId ?? null,
    since: Object.fromEntries(
      BATCH_STATUSES.filter((status) => hash[`since:${status}`] !== undefined).map((status) => [
        status,
        count(`since:${status}`),
      ]),
    ),
  };
}
