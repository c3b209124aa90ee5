import { type Request, type Response, Router } from 'express';
import { SluiceError } from '../../core/errors.ts';
import { completionContent, type Job } from '../../core/job.ts';
import { jobIdOf, publicId } from '../../core/job-id.ts';
import { type Fields, jsonBytes } from '../../core/json.ts';
import type { Page } from '../../store/page.ts';
import { writeStored, writeStoredMessages } from '../../surfaces/chat/stored.ts';
import { chatSurface } from '../../surfaces/chat/surface.ts';
import { validate } from '../../surfaces/validate.ts';
import { storedListQuery, storedMessagesQuery, storedUpdate } from '../endpoints/stored-completions.ts';
import type { ApiParts } from '../parts.ts';
import { readQuery } from '../query.ts';
import { pageOf, writePage } from './page.ts';
import { storedFilter } from './stored-filter.ts';

const PREFIX = 'chatcmpl-';
const PATH = `${chatSurface.url}/:id`;

type ById = Request<{ id: string }>;

/** Chat completions that were asked for with `store: true` and have completed: list, read, change, delete. */
export function storedCompletionRoutes(parts: ApiParts): Router {
  const routes = Router();
  const { jobs } = parts.store;
  // Null for one that was deleted a moment ago.
  const contentOf = async ({ id }: Job) => completionContent(await jobs.content(id));
  const show = async (job: Job) => {
    const content = await contentOf(job);
    return content && writeStored(job, content);
  };

  routes.get(chatSurface.url, async (request: Request, response: Response) => {
    const { order, after, limit, model } = readQuery(request, storedListQuery);
    const asked = storedFilter(model, request);
    const page = await jobs.listStored({
      order,
      after: jobAfter(after),
      limit,
      wanted: (job) => isStoredCompletion(job) && asked(job),
    });
    const { data, next } = await asMuchAsOneAnswer(page, show, parts.config.limits.maxOutputBytes);
    const last = next ?? page.items.at(-1)?.id ?? null;
    response.json(writePage(data, next !== null, last && publicId(PREFIX, last)));
  });

  routes.get(PATH, async (request: ById, response: Response) => {
    response.json(found(await show(await requireStored(parts, request.params.id)), request));
  });

  routes.get(`${PATH}/messages`, async (request: ById, response: Response) => {
    const job = await requireStored(parts, request.params.id);
    const content = found(await contentOf(job), request);
    response.json(pageOf(writeStoredMessages(job, content), readQuery(request, storedMessagesQuery)));
  });

  routes.post(PATH, async (request: ById, response: Response) => {
    const { id } = request.params;
    const job = await requireStored(parts, id);
    const body = validate(storedUpdate, request.body);
    if (!(await jobs.annotate(job.id, body.metadata ?? {}))) throw notFound(id);
    response.json(found(await show(await requireStored(parts, id)), request));
  });

  routes.delete(PATH, async (request: ById, response: Response) => {
    const { id } = request.params;
    await jobs.delete((await requireStored(parts, id)).id);
    response.json({ object: 'chat.completion.deleted', id, deleted: true });
  });

  return routes;
}

/** The completions of a page, up to the first that would make it larger than an answer may be; never none of them. */
async function asMuchAsOneAnswer(
  { items: jobs, next }: Page<Job>,
  show: (job: Job) => Promise<Fields | null>,
  most: number,
): Promise<{ data: Fields[]; next: string | null }> {
  const data: Fields[] = [];
  let bytes = 0;
  for (const [index, job] of jobs.entries()) {
    const completion = await show(job);
    if (completion === null) continue;
    bytes += jsonBytes(completion, most);
    if (bytes > most && data.length > 0) return { data, next: jobs[index - 1]?.id ?? null };
    data.push(completion);
  }
  return { data, next };
}

/** What there is of a completion; the 404 of one that was deleted meanwhile. */
function found<T>(value: T | null, { params }: ById): T {
  if (value === null) throw notFound(params.id);
  return value;
}

async function requireStored({ store }: ApiParts, id: string): Promise<Job> {
  const jobId = jobIdOf(PREFIX, id);
  const job = jobId && (await store.jobs.get(jobId));
  if (!job || !isStoredCompletion(job)) throw notFound(id);
  return job;
}

function isStoredCompletion(job: Job): boolean {
  return job.stored && job.url === chatSurface.url && job.status === 'completed';
}

function jobAfter(after = ''): string | null {
  if (after === '') return null;
  const jobId = jobIdOf(PREFIX, after);
  if (jobId !== null) return jobId;
  throw new SluiceError('invalid_value', "Invalid value for 'after': expected the id of a chat completion.", {
    param: 'after',
  });
}

function notFound(id: string): SluiceError {
  const message = `Chat completion with id '${id.slice(0, 80)}' not found.`;
  return new SluiceError('chat_completion_not_found', message, { param: 'completion_id' });
}
