import { isDefault } from '../../request/fields.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { readResponseFormat } from '../../request/response-format.ts';
import { traitsOf } from './model.ts';
import { openApiSchema } from './schema.ts';
import { thinkingConfig } from './thinking.ts';

type Body = Record<string, unknown>;

/** More than these are refused. */
const MOST_STOPS = 5;

/** Google's `generationConfig` for OpenAI's fields; empty if none of them is set. */
export function generationConfig(request: PreparedRequest): Body {
  const { fields, maxTokens, stop, refuse } = request;
  const thinking = thinkingConfig(request);
  if (stop.length > MOST_STOPS) refuse('stop', `at most ${MOST_STOPS} stop sequences are supported`);
  return {
    ...set('temperature', fields.temperature),
    ...set('topP', fields.top_p),
    ...set('maxOutputTokens', maxTokens),
    ...(stop.length > 0 && stop.length <= MOST_STOPS && { stopSequences: stop }),
    ...unlessDefault('n', 'candidateCount', fields.n),
    ...set('seed', fields.seed),
    ...unlessDefault('presence_penalty', 'presencePenalty', fields.presence_penalty),
    ...unlessDefault('frequency_penalty', 'frequencyPenalty', fields.frequency_penalty),
    ...(fields.logprobs && { responseLogprobs: true }),
    ...(fields.top_logprobs && { logprobs: fields.top_logprobs }),
    ...answerShape(request),
    ...modalities(request),
    ...(thinking !== null && { thinkingConfig: thinking }),
  };
}

function set(name: string, value: unknown): Body {
  return value === undefined || value === null ? {} : { [name]: value };
}

/** For fields that some models refuse, whatever their value. */
function unlessDefault(field: string, name: string, value: unknown): Body {
  return isDefault(field, value) ? {} : { [name]: value };
}

function answerShape(request: PreparedRequest): Body {
  const shape = readResponseFormat(request);
  if (shape === null) return {};
  const json = { responseMimeType: 'application/json' };
  if (shape.type === 'object') return json;
  const { schema } = shape;
  if (traitsOf(request.model).jsonSchema) return { ...json, responseJsonSchema: schema };
  return { ...json, responseSchema: openApiSchema(schema) };
}

/** Text goes without saying. Sound would have no place in the answer. */
function modalities({ fields, refuse }: PreparedRequest): Body {
  const asked = fields.modalities;
  if (!Array.isArray(asked) || isDefault('modalities', asked)) return {};
  const unknown = asked.find((modality) => modality !== 'text' && modality !== 'image');
  if (unknown !== undefined) {
    refuse('modalities', "only 'text' and 'image' are supported");
    return {};
  }
  return { responseModalities: asked.map((modality: string) => modality.toUpperCase()) };
}
