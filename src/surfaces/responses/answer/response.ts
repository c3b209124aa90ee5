import type { FinishReason, Usage } from '../../../core/completion.ts';
import type { ErrorBody } from '../../../core/errors.ts';
import type { JobStatus } from '../../../core/job.ts';
import { type Fields, fieldsOf } from '../../../core/json.ts';
import { unixSeconds } from '../../../core/unix-time.ts';
import type { StreamedJob } from '../../surface.ts';
import { responseId } from '../ids.ts';
import { failureOf } from './failure.ts';
import { usageOf } from './usage.ts';

/** How far a response has come. */
export interface Progress {
  readonly status: JobStatus;
  readonly output: readonly Fields[];
  readonly usage: Usage | null;
  readonly finishReason: FinishReason | null;
  readonly error: ErrorBody | null;
  /** Unix seconds. */
  readonly finishedAt: number | null;
  /** The tier that the provider says it used. */
  readonly serviceTier: string | null;
}

/** Nothing of it is known yet. */
export const NOTHING: Omit<Progress, 'status'> = {
  output: [],
  usage: null,
  finishReason: null,
  error: null,
  finishedAt: null,
  serviceTier: null,
};

/** OpenAI's `response` object, with OpenAI's defaults for what the client did not set. */
export function writeResponse(job: StreamedJob, echo: Fields, progress: Progress): Fields {
  const { status, output, usage, error, finishedAt, serviceTier } = progress;
  const incomplete = incompleteReason(progress);
  const failed = status === 'failed' || status === 'expired';
  return {
    id: responseId(job.id),
    object: 'response',
    created_at: unixSeconds(job.createdAt),
    status: incomplete === null ? STATUS[status] : 'incomplete',
    background: echo.background === true,
    access_programs: null,
    completed_at: isWhole(progress) ? finishedAt : null,
    error: failed && error !== null ? failureOf(error) : null,
    incomplete_details: incomplete === null ? null : { reason: incomplete },
    instructions: echo.instructions ?? null,
    max_output_tokens: echo.max_output_tokens ?? null,
    max_tool_calls: echo.max_tool_calls ?? null,
    model: job.model,
    output,
    parallel_tool_calls: echo.parallel_tool_calls ?? true,
    previous_response_id: echo.previous_response_id ?? null,
    prompt_cache_key: echo.prompt_cache_key ?? null,
    ...(echo.prompt_cache_retention != null && { prompt_cache_retention: echo.prompt_cache_retention }),
    reasoning: { effort: null, summary: null, ...fieldsOf(echo.reasoning) },
    safety_identifier: echo.safety_identifier ?? null,
    service_tier: serviceTier ?? echo.service_tier ?? 'auto',
    store: job.stored,
    temperature: echo.temperature ?? 1,
    text: { ...fieldsOf(echo.text), format: fieldsOf(echo.text).format ?? { type: 'text' } },
    tool_choice: echo.tool_choice ?? 'auto',
    tools: echo.tools ?? [],
    top_logprobs: echo.top_logprobs ?? 0,
    top_p: echo.top_p ?? 1,
    truncation: echo.truncation ?? 'disabled',
    usage: usage && usageOf(usage),
    user: echo.user ?? null,
    metadata: job.metadata ?? {},
  };
}

const STATUS: Readonly<Record<JobStatus, string>> = {
  queued: 'queued',
  in_progress: 'in_progress',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'failed',
};

type Ending = Pick<Progress, 'status' | 'finishReason'>;

/** Whether an answer has ended, and is all that the model would have said. */
export function isWhole(ending: Ending): boolean {
  return ending.status === 'completed' && incompleteReason(ending) === null;
}

/** Why an answer that ended by itself is not whole; null for any other. */
function incompleteReason({ status, finishReason }: Ending): string | null {
  if (status !== 'completed') return null;
  if (finishReason === 'length') return 'max_output_tokens';
  return finishReason === 'content_filter' ? 'content_filter' : null;
}
