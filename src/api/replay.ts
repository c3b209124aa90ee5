import { DigestBuilder } from '../core/digest.ts';
import { completionIn, isTerminal, type Job } from '../core/job.ts';
import type { LogEntry } from '../core/log-entry.ts';
import { ORIGIN, parseOffset } from '../core/offset.ts';
import { unfold } from '../core/unfold.ts';
import { unixSeconds } from '../core/unix-time.ts';
import type { ApiParts } from './parts.ts';

/**
 * What the log of a settled job said, when the log itself has expired: one attempt whose deltas fold into the
 * stored result. Null for a job whose log is still there, or still to be written.
 */
export async function rebuildExpiredLog({ store }: ApiParts, job: Job): Promise<LogEntry[] | null> {
  const { status, usage, finishReason: finish_reason, error, finishedAt } = job;
  if (!isTerminal(status) || (await store.log.exists(job.id))) return null;
  const completion = completionIn(await store.jobs.answer(job.id));
  const deltas = completion === null ? [] : unfold(completion);
  const digest = new DigestBuilder();
  for (const delta of deltas) digest.add(delta);

  const end = parseOffset(job.end ?? '') ?? ORIGIN;
  const { epoch } = end;
  const entries: LogEntry[] = [];
  const attempt = job.attempts.at(-1);
  if (attempt) {
    const { provider, model } = attempt;
    entries.push({ kind: 'attempt', offset: { epoch, seq: 0 }, attempt: { epoch, provider, model } });
  }
  if (deltas.length > 0) entries.push({ kind: 'deltas', offset: { epoch, seq: deltas.length }, deltas });
  // The text is the one that was streamed, its division into deltas is not.
  const finished_at = unixSeconds(finishedAt ?? 0);
  const outcome = { status, usage, finish_reason, error, digest: digest.digest(), finished_at };
  entries.push({ kind: 'end', offset: end, outcome });
  return entries;
}
