import type { RequestField } from '../../request/fields.ts';
import type { Format } from '../format.ts';
import { ResponsesReader } from './reader.ts';
import { encode } from './request.ts';

/** What a request cannot tell by itself. */
export interface ResponsesOptions {
  /**
   * Whether the model may reason; true by default. Then its reasoning is asked for in encrypted form, to be sent
   * back in the next turn, which models that never reason refuse.
   */
  readonly reasons?: boolean;
}

const SUPPORTED: ReadonlySet<RequestField> = new Set([
  'temperature',
  'top_p',
  'max_tokens',
  'logprobs',
  'top_logprobs',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'verbosity',
  'web_search_options',
  'service_tier',
]);

/**
 * OpenAI's responses, https://platform.openai.com/docs/api-reference/responses, without state on the server: every
 * request has the whole conversation in it, and nothing is stored unless the request says so.
 */
export function responsesFormat({ reasons = true }: ResponsesOptions = {}): Format {
  return {
    name: 'OpenAI responses',
    supports: SUPPORTED,
    media: 'urls',
    // Calls of custom tools are plain text, for which chat completions have no place beside functions.
    ownTools: (type) => type !== 'function' && type !== 'custom',
    encode: (request) => encode(request, reasons),
    read: (answer) => new ResponsesReader(answer),
  };
}
