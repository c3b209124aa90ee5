import { SluiceError } from '../core/errors.ts';
import { type CompletionContent, completionContent, isTerminal } from '../core/job.ts';
import type { ApiParts } from './parts.ts';
import type { PreviousAnswer } from './surfaces/surface.ts';

/**
 * What an earlier job of the same surface was asked and has answered, for a request that goes on from it. It must have been
 * kept, and have ended.
 *
 * @throws {SluiceError} `previous_response_not_found`, or `invalid_value` for one that has not ended.
 */
export async function previousContent(
  { store }: ApiParts,
  url: string,
  { jobId, id, param }: PreviousAnswer,
): Promise<CompletionContent> {
  const job = jobId === null ? null : await store.jobs.get(jobId);
  const name = `Previous response with id '${id.slice(0, 80)}'`;
  const content = job && completionContent(await store.jobs.content(job.id));
  if (content === null || job?.url !== url) {
    throw new SluiceError('previous_response_not_found', `${name} not found.`, { param });
  }
  if (!job.stored) {
    const message = `${name} not found: it was not stored. Send its items as input instead.`;
    throw new SluiceError('previous_response_not_found', message, { param });
  }
  if (!isTerminal(job.status)) {
    const message = `${name} is ${job.status}: wait for its end, or cancel it.`;
    throw new SluiceError('invalid_value', message, { param });
  }
  return content;
}

/** What those of the jobs were asked and have answered that are of the surface, and kept. */
export async function keptContents(
  { store }: ApiParts,
  url: string,
  jobIds: readonly string[],
): Promise<Map<string, CompletionContent>> {
  const found = await Promise.all(
    [...new Set(jobIds)].map(async (id): Promise<[string, CompletionContent] | null> => {
      const job = await store.jobs.get(id);
      const content = job?.url === url && job.stored ? await store.jobs.content(id) : null;
      const completion = content && completionContent(content);
      return completion && [id, completion];
    }),
  );
  return new Map(found.filter((entry) => entry !== null));
}
