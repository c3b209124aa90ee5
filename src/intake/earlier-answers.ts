import type { Limits } from '../config/config.ts';
import type { Completion } from '../core/completion.ts';
import { SluiceError } from '../core/errors.ts';
import { type CompletionContent, completionContent, completionIn, isTerminal } from '../core/job.ts';
import { jsonBytes } from '../core/json.ts';
import type { Store } from '../store/store.ts';
import type { PreviousAnswer, SurfaceRequest } from '../surfaces/surface.ts';

/**
 * What an earlier job of the same surface was asked and has answered, for a request that goes on from it. It must have been
 * kept, and have ended.
 *
 * @throws {SluiceError} `previous_response_not_found`, or `invalid_value` for one that has not ended.
 */
export async function previousContent(
  store: Store,
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

/** Answers that are read at once. */
const TOGETHER = 16;

/**
 * What those of the jobs have answered that are of the surface, and kept; up to the first of which this is not so, because a
 * request that names such a job is refused. None where they have more than `max_request_bytes` to say together.
 */
export async function keptAnswers(
  { store, config }: { readonly store: Store; readonly config: { readonly limits: Limits } },
  url: string,
  jobIds: readonly string[],
): Promise<Map<string, Completion>> {
  const found = new Map<string, Completion>();
  let left = config.limits.maxRequestBytes;
  const ids = [...new Set(jobIds)];
  for (let start = 0; start < ids.length; start += TOGETHER) {
    const together = ids.slice(start, start + TOGETHER);
    const answers = await Promise.all(together.map((id) => keptAnswer(store, url, id)));
    for (const [index, id] of together.entries()) {
      const answer = answers[index];
      if (!answer) return found;
      left -= jsonBytes(answer, left);
      if (left < 0) throw conversationTooLarge(config.limits);
      found.set(id, answer);
    }
  }
  return found;
}

async function keptAnswer(store: Store, url: string, id: string): Promise<Completion | null> {
  const job = await store.jobs.get(id);
  return job?.url === url && job.stored ? completionIn(await store.jobs.answer(id)) : null;
}

/** What stands for more than itself could otherwise grow without bounds: from turn to turn, or named a thousand times. */
export function refuseLargeConversation({ request }: SurfaceRequest, limits: Limits): void {
  if (jsonBytes(request, limits.maxRequestBytes) > limits.maxRequestBytes) throw conversationTooLarge(limits);
}

function conversationTooLarge({ maxRequestBytes }: Limits): SluiceError {
  return new SluiceError(
    'request_too_large',
    `The conversation is larger than the limit of ${maxRequestBytes} bytes: what a request goes on from or names counts ` +
      'as if it were sent. Begin a new conversation with what matters of this one as input.',
  );
}
