import { SluiceError } from '../../../core/errors.ts';
import type { ContentPart } from '../../request/content.ts';
import type { Refuse } from '../../request/tools.ts';

/** A content block, or another part of a request that is being written. */
export type Block = Record<string, unknown>;

type File = Extract<ContentPart, { type: 'file' }>;
type Kind = 'image' | 'document' | 'video';

/** Bedrock's names of media types, in the kind of block that takes them. */
const FORMATS: Readonly<Record<string, readonly [Kind, string]>> = {
  'image/png': ['image', 'png'],
  'image/jpeg': ['image', 'jpeg'],
  'image/jpg': ['image', 'jpeg'],
  'image/gif': ['image', 'gif'],
  'image/webp': ['image', 'webp'],
  'application/pdf': ['document', 'pdf'],
  'text/csv': ['document', 'csv'],
  'text/html': ['document', 'html'],
  'text/markdown': ['document', 'md'],
  'text/plain': ['document', 'txt'],
  'application/json': ['document', 'txt'],
  'application/msword': ['document', 'doc'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['document', 'docx'],
  'application/vnd.ms-excel': ['document', 'xls'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['document', 'xlsx'],
  'video/mp4': ['video', 'mp4'],
  'video/quicktime': ['video', 'mov'],
  'video/x-matroska': ['video', 'mkv'],
  'video/webm': ['video', 'webm'],
  'video/mpeg': ['video', 'mpeg'],
  'video/x-flv': ['video', 'flv'],
  'video/x-ms-wmv': ['video', 'wmv'],
  'video/3gpp': ['video', 'three_gp'],
};

/**
 * Writes images, files and audio as Bedrock's blocks. One for each request: its documents need names of their
 * own.
 */
export class MediaBlocks {
  readonly #refuse: Refuse;
  readonly #names = new Set<string>();

  constructor(refuse: Refuse) {
    this.#refuse = refuse;
  }

  /** Null for what cannot be carried and was dropped. `place` is the part's: `messages[2].content[0]`. */
  encode(part: Exclude<ContentPart, { type: 'text' }>, place: string): Block | null {
    const { media } = part;
    if (media.kind === 'id') {
      this.#refuse(place, 'files cannot be named by an id, only given as data or by an address');
      return null;
    }
    if (media.kind === 'url') {
      const what = `'${place}' names a file by an address that cannot be read; it must begin with http(s):.`;
      throw new SluiceError('invalid_value', what, { param: place });
    }
    const source = { bytes: media.data };
    if (part.type === 'audio') return { audio: { format: part.format, source } };
    const [kind, format] = FORMATS[media.mediaType] ?? [null, null];
    if (kind === null || (part.type === 'image' && kind !== 'image')) {
      this.#refuse(place, `${part.type}s of type ${media.mediaType} cannot be sent`);
      return null;
    }
    const name = kind === 'document' && { name: this.#nameOf(part.type === 'file' ? part : null) };
    return { [kind]: { format, ...name, source } };
  }

  /** Bedrock wants a name, takes few characters in it, and refuses two documents of one name. */
  #nameOf(file: File | null): string {
    const told = (file?.name ?? '').replace(/\.\w+$/, '').replace(/[^\p{ASCII}]|[^\w\s\-()[\]]|_/gu, ' ');
    const plain = told.replace(/\s+/g, ' ').trim().slice(0, 180) || 'document';
    let name = plain;
    for (let number = 2; this.#names.has(name); number += 1) name = `${plain} (${number})`;
    this.#names.add(name);
    return name;
  }
}
