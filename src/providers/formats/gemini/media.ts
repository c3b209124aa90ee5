import { SluiceError } from '../../../core/errors.ts';
import type { ContentPart } from '../../request/content.ts';

/** One part of a `Content`. */
export type Part = Readonly<Record<string, unknown>>;

/** Google's Files API: what was uploaded there is named by its address, or as `files/abc`. */
const FILES = 'https://generativelanguage.googleapis.com/v1beta/';

const OWN_FILE = /^https:\/\/generativelanguage\.googleapis\.com\/(v\w+\/)?files\//;
const VIDEO = /^https?:\/\/(www\.|m\.)?(youtube\.com\/|youtu\.be\/)/;

/** Whether this is an address that Google reads by itself: a file of its Files API, or a video on YouTube. */
export function readsUrl(url: string): boolean {
  return OWN_FILE.test(url) || VIDEO.test(url);
}

/**
 * A part of a message as Google writes it. `said` is the media type that the client gave for an address, in LiteLLM's
 * field `format`; `place` is the part's own: `messages[2].content[0]`.
 *
 * @throws {SluiceError} `invalid_value` for the id of a file that is not Google's.
 */
export function encodePart(part: ContentPart, said: unknown, place: string): Part {
  if (part.type === 'text') return { text: part.text };
  const { media } = part;
  if (media.kind === 'data') return { inlineData: { mimeType: media.mediaType, data: media.data } };
  const fileUri = media.kind === 'url' ? media.url : fileAddress(media.id, `${place}.file.file_id`);
  const mimeType = typeof said === 'string' ? said : mediaTypeOf(fileUri);
  return { fileData: { ...(mimeType !== null && { mimeType }), fileUri } };
}

function fileAddress(id: string, param: string): string {
  if (/^files\/[\w-]+$/.test(id)) return FILES + id;
  const message = `'${param}' must be an address, or the name of a file of Google's: files/….`;
  throw new SluiceError('invalid_value', message, { param });
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  aac: 'audio/aac',
  m4a: 'audio/mp4',
  mp4: 'video/mp4',
  mpeg: 'video/mpeg',
  mov: 'video/quicktime',
  webm: 'video/webm',
};

/** What the end of an address says; Vertex AI wants to be told the type. Null where it says nothing. */
function mediaTypeOf(address: string): string | null {
  if (VIDEO.test(address)) return 'video/mp4';
  const end = /\.(\w+)(?:[?#].*)?$/.exec(address)?.[1] ?? '';
  return MEDIA_TYPES[end.toLowerCase()] ?? null;
}
