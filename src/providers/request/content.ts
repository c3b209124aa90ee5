import type { RequestMessage } from '../../core/completion.ts';
import { SluiceError } from '../../core/errors.ts';
import { type Fields, fieldsOf, isFields, parseJson } from '../../core/json.ts';
import type { Refuse } from './tools.ts';

/** Bytes as base64, or where they are. */
export type Media =
  | { readonly kind: 'data'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string };

/** One part of a message's content, as the formats need it. `cacheControl` is Anthropic's mark, as LiteLLM takes it. */
export type ContentPart = { readonly cacheControl?: unknown } & (
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly media: Media; readonly detail?: string }
  | { readonly type: 'file'; readonly media: Media | { kind: 'id'; id: string }; readonly name?: string }
  | { readonly type: 'audio'; readonly media: Media; readonly format: string }
);

/** The content of a message as text alone: its text parts, joined. Parts that are not text are left out. */
export function textOf(content: RequestMessage['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => (typeof part.text === 'string' ? part.text : '')).join('');
}

/**
 * The parts of a message's content; plain text is one part, and empty text none. `place` is the message's place
 * in the request, for errors: `messages[2]`.
 *
 * @throws {SluiceError} `invalid_value` or `unsupported_value`, naming the part.
 */
export function partsOf(content: RequestMessage['content'], place: string): ContentPart[] {
  if (content == null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part, index) => {
    const read = readPart(part, `${place}.content[${index}]`);
    return part.cache_control === undefined ? read : { ...read, cacheControl: part.cache_control };
  });
}

/**
 * One part of a message's content, for formats with parts of their own beside OpenAI's. `place` is the part's own:
 * `messages[2].content[0]`. Throws as {@link partsOf} does.
 */
export function readPart(part: Fields, place: string): ContentPart {
  const { type } = part;
  if (type === 'text' || type === 'input_text' || type === 'output_text') {
    return { type: 'text', text: textField(part.text, `${place}.text`) };
  }
  if (type === 'refusal') return { type: 'text', text: textField(part.refusal, `${place}.refusal`) };
  if (type === 'image_url') {
    const image = typeof part.image_url === 'string' ? { url: part.image_url } : fieldsOf(part.image_url);
    const media = readMedia(textField(image.url, `${place}.image_url.url`), `${place}.image_url.url`);
    return { type: 'image', media, ...(typeof image.detail === 'string' && { detail: image.detail }) };
  }
  if (type === 'input_audio') return readAudio(fieldsOf(part.input_audio), `${place}.input_audio`);
  if (type === 'file') return readFile(fieldsOf(part.file), `${place}.file`);
  throw new SluiceError('unsupported_value', `Content parts of type '${String(type)}' are not supported.`, {
    param: `${place}.type`,
  });
}

/** The content of a message for a model that takes nothing but text. Refuses every part that is not. */
export function onlyText(content: RequestMessage['content'], place: string, refuse: Refuse): string {
  const texts = partsOf(content, place).map((part, index) => {
    if (part.type === 'text') return part.text;
    refuse(`${place}.content[${index}]`, `parts of type '${part.type}' cannot be sent, only text`);
    return '';
  });
  return texts.join('');
}

function readAudio({ data, format }: Fields, place: string): ContentPart {
  const kind = textField(format, `${place}.format`);
  const media: Media = { kind: 'data', mediaType: `audio/${kind}`, data: textField(data, `${place}.data`) };
  return { type: 'audio', media, format: kind };
}

function readFile({ file_id, file_data, filename }: Fields, place: string): ContentPart {
  const name = typeof filename === 'string' && { name: filename };
  if (typeof file_data === 'string') {
    return { type: 'file', media: readMedia(file_data, `${place}.file_data`), ...name };
  }
  const id = textField(file_id, `${place}.file_id`);
  // LiteLLM takes an address as the id.
  if (/^(https?|gs):\/\//.test(id)) return { type: 'file', media: { kind: 'url', url: id }, ...name };
  return { type: 'file', media: { kind: 'id', id }, ...name };
}

const DATA_URI = /^data:(?<mediaType>[\w.+-]+\/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*(?<base64>;base64)?,/;

/**
 * A data URI, or an http, https or gs address.
 *
 * @throws {SluiceError} `invalid_value` naming `param`.
 */
function readMedia(text: string, param: string): Media {
  const match = DATA_URI.exec(text);
  if (match) {
    const { mediaType = 'text/plain', base64 } = match.groups ?? {};
    const data = text.slice(match[0].length);
    return {
      kind: 'data',
      mediaType,
      data: base64 ? data : Buffer.from(percentDecoded(data, param)).toString('base64'),
    };
  }
  if (['http:', 'https:', 'gs:'].includes(URL.parse(text)?.protocol ?? '')) return { kind: 'url', url: text };
  throw new SluiceError('invalid_value', `'${param}' must be a data: URI or an http(s) address.`, { param });
}

/** The address of media, or its bytes as a data URI: the inverse of {@link readMedia}. */
export function mediaUrl(media: Media): string {
  return media.kind === 'url' ? media.url : `data:${media.mediaType};base64,${media.data}`;
}

function percentDecoded(data: string, param: string): string {
  try {
    return decodeURIComponent(data);
  } catch {
    throw new SluiceError('invalid_value', `'${param}' has a data: URI that is not percent-encoded.`, {
      param,
    });
  }
}

/**
 * The arguments of a tool call as an object; none is the empty object.
 *
 * @throws {SluiceError} `invalid_value` naming `param`, for text that is not a JSON object.
 */
export function argumentsObject(text: string, param: string): Fields {
  if (text.trim() === '') return {};
  const value = parseJson(text);
  if (isFields(value)) return value;
  throw new SluiceError('invalid_value', `'${param}' must be a JSON object, as text.`, { param });
}

function textField(value: unknown, param: string): string {
  if (typeof value === 'string') return value;
  throw new SluiceError('invalid_value', `'${param}' must be text.`, { param });
}
