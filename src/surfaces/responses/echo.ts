import { type Fields, fieldsOf, pickFrom, textIn } from '../../core/json.ts';
import { ENCRYPTED } from './includable.ts';
import type { ResponseRequest } from './schema.ts';

/** Parameters that the answer repeats as they came. */
const REPEATED = [
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tool_calls',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'text',
  'reasoning',
  'previous_response_id',
  'background',
  'truncation',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'user',
] as const satisfies readonly (keyof ResponseRequest)[];

/**
 * What is kept of a request beside its canonical form: what the answer repeats where the client set it, and where among the
 * canonical messages the input of this request begins.
 */
export function echoOf(body: ResponseRequest, inputFrom: number): Fields {
  return {
    ...pickFrom(body, REPEATED),
    ...including(body.include ?? []),
    input_from: inputFrom,
  };
}

/** What is kept of an `include`. */
export function including(include: readonly string[]): Fields {
  return include.includes(ENCRYPTED) ? { include_encrypted: true } : {};
}

/** How the answer to a request shows reasoning. */
export interface ReasoningTerms {
  /** The client asked for a summary, and so reads reasoning as one, whatever its provider shows. */
  readonly asSummary: boolean;
  /** The client wants to send reasoning back by itself. */
  readonly sealed: boolean;
}

export function reasoningTerms(echo: Fields): ReasoningTerms {
  const { summary, generate_summary: former } = fieldsOf(echo.reasoning);
  const asked = textIn(summary) !== '' || textIn(former) !== '';
  return { asSummary: asked, sealed: echo.include_encrypted === true };
}

/** Whether the request was one to follow and cancel by its id. */
export function isBackground(echo: Fields | null): boolean {
  return echo?.background === true;
}
