import type { CompletionChoice, FinishReason } from '../../core/completion.ts';
import type { CompletionIdentity } from '../../core/fold.ts';
import { completionIn, identityOf, type JobAnswer, type JobSpec } from '../../core/job.ts';
import { publicId } from '../../core/job-id.ts';
import { textIn } from '../../core/json.ts';
import { toTextLogprobs } from './logprobs.ts';

/** What the text completion of a job is called. */
export function textIdentityOf(job: Pick<JobSpec, 'id' | 'createdAt' | 'model'>): CompletionIdentity {
  return { ...identityOf(job), id: publicId('cmpl-', job.id) };
}

/** A job's answer as OpenAI's `text_completion`. Reasoning and tool calls have no place in it. */
export function writeTextCompletion(
  job: Pick<JobSpec, 'id' | 'createdAt' | 'model'>,
  answer: JobAnswer,
): object {
  const { id, created, model } = textIdentityOf(job);
  const prompt = textIn(answer.echo?.prompt);
  const result = completionIn(answer);
  return {
    id,
    object: 'text_completion',
    created,
    model,
    choices: result?.choices.map((choice) => writeChoice(choice, prompt)) ?? [],
    ...(result?.usage && { usage: result.usage }),
    ...(result?.system_fingerprint !== undefined && { system_fingerprint: result.system_fingerprint }),
  };
}

function writeChoice({ index, message, logprobs, finish_reason }: CompletionChoice, prompt: string): object {
  return {
    text: prompt + (message.content ?? '') + (message.refusal ?? ''),
    index,
    logprobs: logprobs && toTextLogprobs(logprobs.content),
    finish_reason: finish_reason && textFinish(finish_reason),
  };
}

/** Why it ended, in the words that completions have: a text that stops to call a tool has stopped. */
export function textFinish(reason: FinishReason): 'stop' | 'length' | 'content_filter' {
  return reason === 'length' || reason === 'content_filter' ? reason : 'stop';
}
