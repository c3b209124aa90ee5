import { isFields } from '../../../core/json.ts';
import type { PreparedRequest } from '../../request/prepared-request.ts';
import { encodeContents } from './contents.ts';
import { generationConfig } from './generation-config.ts';
import { camelCase, encodeTools } from './tools.ts';

type Body = Record<string, unknown>;

/** What differs between Google's two services. */
export interface GeminiOptions {
  /** The service knows ids of function calls. Vertex AI refuses them in the version of its API that is stable. */
  readonly callIds?: boolean;
  /** The service takes labels, for its bills: `user` becomes one. */
  readonly labels?: boolean;
}

/** Fields of Google's `generationConfig` that OpenAI has no name for, and Google's own names for others. */
const GENERATION_FIELDS: ReadonlySet<string> = new Set([
  'topK',
  'topP',
  'candidateCount',
  'maxOutputTokens',
  'stopSequences',
  'presencePenalty',
  'frequencyPenalty',
  'responseLogprobs',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseModalities',
  'thinkingConfig',
  'speechConfig',
  'imageConfig',
  'mediaResolution',
  'audioTimestamp',
  'routingConfig',
  'modelConfig',
  'modelSelectionConfig',
  'enableAffectiveDialog',
  'enableEnhancedCivicAnswers',
]);

/** The body of `generateContent`. Fields that OpenAI does not have are put where Google has them. */
export function encodeRequest(request: PreparedRequest, options: GeminiOptions): object {
  const config: Body = generationConfig(request);
  const body: Body = { ...encodeContents(request, options.callIds === true), ...encodeTools(request) };
  const label = options.labels ? labelOf(request.fields.user) : null;
  if (label !== null) body.labels = { user: label };
  for (const [name, value] of Object.entries(request.extras)) {
    const field = camelCase(name);
    if (field === 'thinking') continue;
    if (field === 'generationConfig' && isFields(value)) Object.assign(config, value);
    else if (GENERATION_FIELDS.has(field)) config[field] = value;
    else body[field] = merged(body[field], value);
  }
  if (Object.keys(config).length > 0) body.generationConfig = config;
  return body;
}

/** What a label may be; anything else is left out, being a hint. */
function labelOf(user: unknown): string | null {
  return typeof user === 'string' && /^[\p{Ll}\p{Lo}\p{N}_-]{1,63}$/u.test(user) ? user : null;
}

/** The client's own `toolConfig` or `labels` add to ours. */
function merged(ours: unknown, theirs: unknown): unknown {
  return isFields(ours) && isFields(theirs) ? { ...ours, ...theirs } : theirs;
}
