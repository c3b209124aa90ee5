import { isUtf8 } from 'node:buffer';
import type { InputLine } from '../batches/input.ts';
import type { Batch } from '../core/batch.ts';
import { type Fields, isFields, parseJson } from '../core/json.ts';

/** Characters of a `custom_id`, at most. */
export const LONGEST_CUSTOM_ID = 512;

/** What a line asks for, in the form of OpenAI's batches. */
export interface LineRequest {
  readonly customId: string;
  readonly body: Fields;
}

/** Why a line cannot be run: a code of OpenAI's, or in its manner. */
export interface LineMistake {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
}

/** Reads a line, or says what is wrong with its form. What is wrong with the body, only its endpoint can tell. */
export function readLine(
  { bytes }: Pick<InputLine, 'bytes'>,
  { endpoint }: Pick<Batch, 'endpoint'>,
): LineRequest | LineMistake {
  if (bytes === null) return mistake('line_too_long', 'This line is longer than a request may be.');
  const value = isUtf8(bytes) ? parseJson(bytes.toString()) : undefined;
  if (!isFields(value)) return mistake('invalid_json_line', 'This line is not parseable as valid JSON.');
  const { custom_id: customId, method, url, body } = value;
  if (!isCustomId(customId)) {
    const rule = `a string of 1 to ${LONGEST_CUSTOM_ID} characters that no other line has`;
    return mistake('invalid_custom_id', `The 'custom_id' of this line must be ${rule}.`, 'custom_id');
  }
  if (method !== 'POST')
    return mistake('invalid_method', "The 'method' of this line must be 'POST'.", 'method');
  if (url !== endpoint) {
    const message = `The 'url' of this line must be that of the batch, '${endpoint}'.`;
    return mistake('url_mismatch', message, 'url');
  }
  if (!isFields(body)) {
    const message = "The 'body' of this line must be an object: a request to the endpoint.";
    return mistake('missing_body', message, 'body');
  }
  return { customId, body };
}

/** Half a surrogate pair would not come through Redis: the result would bear another id, which other lines may bear, too. */
function isCustomId(value: unknown): value is string {
  return (
    typeof value === 'string' && value !== '' && value.length <= LONGEST_CUSTOM_ID && value.isWellFormed()
  );
}

export function isMistake(line: LineRequest | LineMistake): line is LineMistake {
  return 'code' in line;
}

function mistake(code: string, message: string, param: string | null = null): LineMistake {
  return { code, message, param };
}
