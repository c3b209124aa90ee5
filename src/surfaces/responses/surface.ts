import { completionIn, type Job, type JobAnswer } from '../../core/job.ts';
import { unixSeconds } from '../../core/unix-time.ts';
import type { Surface } from '../surface.ts';
import { outputOf } from './answer/output.ts';
import { isWhole, writeResponse } from './answer/response.ts';
import { reasoningTerms } from './echo.ts';
import { ItemIds, jobOfResponse } from './ids.ts';
import { parse } from './request/parse.ts';
import { referencedJobs } from './request/references.ts';
import { type ResponseRequest, responseRequestSchema } from './schema.ts';
import { ResponseStream } from './stream/response-stream.ts';

/** OpenAI's responses, https://platform.openai.com/docs/api-reference/responses, over every provider. */
export const responsesSurface: Surface<ResponseRequest> = {
  url: '/v1/responses',
  schema: responseRequestSchema,
  tellsFailures: true,
  previous: ({ previous_response_id: id }) => {
    if (id == null) return null;
    return { jobId: jobOfResponse(id), id, param: 'previous_response_id' };
  },
  named: referencedJobs,
  parse,
  write: writeJobAsResponse,
  open: (job, echo, from) => new ResponseStream(job, echo ?? {}, from),
};

function writeJobAsResponse(job: Job, answer: JobAnswer): object {
  const fields = answer.echo ?? {};
  const result = completionIn(answer);
  const { status, finishReason, usage, error } = job;
  const ids = new ItemIds(job.id, job.epoch);
  return writeResponse(job, fields, {
    status,
    output: outputOf(result, { ...reasoningTerms(fields), ids, whole: isWhole(job) }),
    usage,
    finishReason,
    error,
    finishedAt: unixSeconds(job.finishedAt),
    serviceTier: result?.service_tier ?? null,
  });
}
