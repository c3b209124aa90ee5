import type { MessagePart } from '../../../core/completion.ts';
import { type Fields, fieldsOf, textIn } from '../../../core/json.ts';
import { refuseUnknownFields } from '../../known-fields.ts';
import { refuse, refuseMissing, requireText } from '../../refuse.ts';

/** The content of a chat message. */
export type Content = string | MessagePart[];

/**
 * The content of an input item as that of a chat message: text alone is a string.
 *
 * @throws {SluiceError} naming the part that is none, or that no message can hold.
 */
export function contentOf(value: unknown, place: string): Content {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return requireText(value, place);
  const parts = value.map((part, index) => partOf(fieldsOf(part), `${place}[${index}]`));
  const [only] = parts;
  return parts.length === 1 && isPlain(only) ? textIn(only.text) : parts;
}

function isPlain(part: MessagePart | undefined): part is MessagePart {
  return part?.type === 'text' && Object.keys(part).length === 2;
}

/** What caches may be told is no business of the answer's. */
const HINTS = ['cache_control', 'prompt_cache_breakpoint'];

/** The fields of parts that clients write. Those that they return may have more, which says nothing to a model. */
const KNOWN: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['input_text', ['type', 'text', ...HINTS]],
  ['input_image', ['type', 'image_url', 'file_id', 'detail', ...HINTS]],
  ['input_file', ['type', 'file_data', 'file_url', 'file_id', 'filename', ...HINTS]],
  ['input_audio', ['type', 'input_audio']],
]);

function partOf(given: Fields, place: string): MessagePart {
  const { type, ...part } = given;
  const known = KNOWN.get(type);
  if (known) refuseUnknownFields(given, known, place);
  const marked = part.cache_control === undefined ? {} : { cache_control: part.cache_control };
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: requireText(part.text, `${place}.text`), ...marked };
    case 'refusal':
      return { type, refusal: requireText(part.refusal, `${place}.refusal`) };
    case 'input_image':
      return { ...imageOf(part, place), ...marked };
    case 'input_file':
      return { type: 'file', file: fileOf(part, place), ...marked };
    case 'input_audio':
      return { type, input_audio: part.input_audio };
    case undefined:
      return refuseMissing(`${place}.type`);
    default:
      refuse(
        'unsupported_value',
        `Content parts of type '${String(type)}' are not supported. Supported are: 'input_text', 'input_image', ` +
          `'input_file', 'input_audio', 'output_text', and 'refusal'.`,
        `${place}.type`,
      );
  }
}

function imageOf(part: Fields, place: string): MessagePart {
  if (part.image_url == null && typeof part.file_id === 'string') {
    const why = 'Images that were uploaded before cannot be used; send their address or bytes as image_url.';
    refuse('unsupported_value', why, `${place}.file_id`);
  }
  const url = requireText(part.image_url, `${place}.image_url`);
  return {
    type: 'image_url',
    image_url: { url, ...(typeof part.detail === 'string' && { detail: part.detail }) },
  };
}

/** An address stands where an id does, as LiteLLM and the providers here have it. */
function fileOf({ file_id, file_url, file_data, filename }: Fields, place: string): Fields {
  const name = typeof filename === 'string' && { filename };
  if (typeof file_data === 'string') return { file_data, ...name };
  if (typeof file_url === 'string') return { file_id: file_url, ...name };
  if (typeof file_id === 'string') return { file_id, ...name };
  refuse(
    'missing_required_parameter',
    `Missing required parameter: '${place}.file_data'. Send file_data, file_url or file_id.`,
    `${place}.file_data`,
  );
}

/** The inverse of {@link contentOf}, for what a user said. */
export function inputParts(content: unknown): Fields[] {
  if (typeof content === 'string') return [{ type: 'input_text', text: content }];
  return (Array.isArray(content) ? content : []).map((part) => inputPart(fieldsOf(part)));
}

function inputPart(part: Fields): Fields {
  if (part.type === 'text') return { type: 'input_text', text: part.text };
  if (part.type === 'image_url') {
    const { url, detail } = fieldsOf(part.image_url);
    return { type: 'input_image', image_url: url, detail: textIn(detail) || 'auto' };
  }
  if (part.type !== 'file') return part;
  const { file_id: id, ...file } = fieldsOf(part.file);
  if (id === undefined) return { type: 'input_file', ...file };
  return { type: 'input_file', ...file, [/^(https?|gs):/.test(textIn(id)) ? 'file_url' : 'file_id']: id };
}
