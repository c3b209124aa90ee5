/** The first bytes of the kinds of files that models take, at their offsets. */
const MAGIC: readonly (readonly [mediaType: string, offset: number, bytes: string])[] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['image/heic', 4, 'ftypheic'],
  ['application/pdf', 0, '%PDF-'],
];

const ACCEPTED = /^(image|audio|video|text)\/[\w.+-]+$|^application\/pdf$/;

/** Servers send these for files of which they know nothing. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(['', 'application/octet-stream', 'binary/octet-stream']);

/**
 * The media type of what was fetched: what its bytes say, or else what its server says, if models take such. A page
 * in place of an image, which is what many servers send for a missing one, is none.
 */
export function mediaTypeOf(bytes: Buffer, contentType: string | string[] | undefined): string | null {
  const magic = MAGIC.find(([, offset, start]) => {
    return bytes.subarray(offset, offset + start.length).toString('latin1') === start;
  });
  if (magic) return magic[0];
  const [told = ''] = String(contentType ?? '').split(';');
  const mediaType = told.trim().toLowerCase();
  if (SAYS_NOTHING.has(mediaType) || mediaType === 'text/html') return null;
  return ACCEPTED.test(mediaType) ? mediaType : null;
}
