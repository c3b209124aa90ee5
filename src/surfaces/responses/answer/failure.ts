import type { ErrorBody } from '../../../core/errors.ts';

/** Codes of Sluice's that OpenAI has a code of its own for. What is not here is the server's fault. */
const CODES: Readonly<Record<string, string>> = {
  rate_limit_exceeded: 'rate_limit_exceeded',
  insufficient_quota: 'rate_limit_exceeded',
  invalid_image_url: 'invalid_image_url',
  content_policy_violation: 'invalid_prompt',
  context_length_exceeded: 'invalid_prompt',
  upstream_bad_request: 'invalid_prompt',
  unsupported_parameter: 'invalid_prompt',
  unsupported_value: 'invalid_prompt',
  invalid_value: 'invalid_prompt',
};

/** Why a response failed, with one of the codes that responses may have. */
export function failureOf({ code, message }: ErrorBody): { code: string; message: string } {
  return { code: CODES[code] ?? 'server_error', message };
}
