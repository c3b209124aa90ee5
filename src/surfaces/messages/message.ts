import type { Completion } from '../../core/completion.ts';
import { publicId } from '../../core/job-id.ts';
import { type Fields, fieldsOf } from '../../core/json.ts';
import type { StreamedJob } from '../surface.ts';
import { contentBlocks } from './block-list.ts';
import { contextManagementIn, type Ending, NO_ENDING, writeEnding } from './ending.ts';
import { writeUsage } from './usage.ts';

type Named = Pick<StreamedJob, 'id' | 'model'>;

/** A message as a stream begins it. `specific`: what its provider has said besides. */
export function emptyMessage(job: Named, usage: Fields, specific: Fields = {}): Fields {
  return { ...head(job, specific), content: [], ...writeEnding(NO_ENDING), usage };
}

/** A completion as Anthropic's message. */
export function writeMessage(job: Named, completion: Completion | null): Fields {
  const choice = completion?.choices[0];
  const usage = writeUsage(completion?.usage ?? null, completion?.service_tier);
  if (completion === null || choice === undefined) return emptyMessage(job, usage);
  const { finish_reason: reason, native_finish_reason: native, message } = choice;
  const specific = fieldsOf(message.provider_specific_fields);
  const ending: Ending = { reason, native, specific };
  return {
    ...head(job, specific),
    content: contentBlocks(completion),
    ...writeEnding(ending),
    ...contextManagementIn(ending),
    usage,
  };
}

function head({ id, model }: Named, { diagnostics = null }: Fields): Fields {
  return { id: publicId('msg_', id), type: 'message', role: 'assistant', model, diagnostics };
}
