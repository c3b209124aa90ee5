import type { PreparedRequest } from '../../request/prepared-request.ts';
import { writePrompt } from '../../request/prompt.ts';

/** A request in Jurassic-2's form. The model is in the address. */
export function encodeRequest(request: PreparedRequest): object {
  const { fields, maxTokens, stop } = request;
  const { text: prompt, extras } = writePrompt(request, { systemApart: false });
  const { temperature, top_p: topP, n: numResults } = fields;
  return {
    prompt,
    ...(numResults != null && { numResults }),
    ...(maxTokens !== null && { maxTokens }),
    ...(temperature != null && { temperature }),
    ...(topP != null && { topP }),
    ...(stop.length > 0 && { stopSequences: stop }),
    ...penalty('frequency_penalty', 'frequencyPenalty', request),
    ...penalty('presence_penalty', 'presencePenalty', request),
    ...extras,
  };
}

function penalty(
  field: 'frequency_penalty' | 'presence_penalty',
  own: string,
  request: PreparedRequest,
): object {
  const scale = request.fields[field];
  if (scale == null) return {};
  if (scale >= 0) return { [own]: { scale } };
  request.refuse(field, 'it must not be negative');
  return {};
}
