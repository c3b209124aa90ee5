import { createHash } from 'node:crypto';
import { keys } from '../../src/store/keys.ts';
import { type Cluster, count, type StoredEntry, textOf } from './cluster.ts';

/**
 * What is wrong with a settled job as Redis holds it, if anything: its log must have one terminal entry, at
 * its end, and its record must say the same.
 */
export async function disagreement(cluster: Cluster, jobId: string): Promise<string | null> {
  const [log, record] = await Promise.all([cluster.log(jobId), cluster.client.hgetall(keys.record(jobId))]);
  const last = log.at(-1);
  if (last?.kind !== 'end' || count(log, 'end') !== 1) return `${count(log, 'end')} terminal entries`;
  if (record.status !== last.payload.status) return `record ${record.status}, log ${last.payload.status}`;
  if (record.outcome !== JSON.stringify(last.payload)) return 'the record has another outcome than the log';
  if (record.end !== last.id) return `the record ends at ${record.end}, the log at ${last.id}`;
  const attempt = log.filter(({ epoch }) => epoch === last.epoch);
  const { digest } = last.payload;
  if (digest.deltas !== deltasOf(attempt) || digest.sha256 !== sha256(textOf(attempt))) {
    return 'the digest does not match the log';
  }
  const result = record.result === undefined ? null : JSON.parse(record.result);
  const text = result?.choices[0].message.content ?? '';
  return text === textOf(attempt) ? null : 'the result has another text than the log';
}

function deltasOf(entries: readonly StoredEntry[]): number {
  return entries.reduce((sum, { kind, payload }) => sum + (kind === 'deltas' ? payload.length : 0), 0);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
