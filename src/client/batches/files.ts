import type { Transport } from '../http/transport.ts';

/** A file of the server's, in OpenAI's shape. Times in unix seconds. */
export interface FileObject {
  readonly id: string;
  readonly object: 'file';
  readonly bytes: number;
  readonly created_at: number;
  readonly expires_at?: number | null;
  readonly filename: string;
  readonly purpose: string;
}

/** `client.files`: what batches are made of, and what comes of them. */
export class Files {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Uploads bytes. In Node, `await openAsBlob(path)` of `node:fs` makes a Blob that is read as it is sent. */
  create(
    file: Blob,
    options: { filename: string; purpose: string; signal?: AbortSignal | undefined },
  ): Promise<FileObject> {
    const form = new FormData();
    form.set('purpose', options.purpose);
    form.set('file', file, options.filename);
    // A large file takes its time.
    return this.#transport.json('/v1/files', { method: 'POST', form, signal: options.signal, wait: UPLOAD });
  }

  retrieve(id: string): Promise<FileObject> {
    return this.#transport.json(pathOf(id));
  }

  /** Its bytes. */
  content(id: string, options: { signal?: AbortSignal | undefined } = {}): Promise<Response> {
    return this.#transport.request(`${pathOf(id)}/content`, options);
  }

  async delete(id: string): Promise<void> {
    await this.#transport.json(pathOf(id), { method: 'DELETE' });
  }
}

/** Seconds that an upload may take. */
const UPLOAD = 3600;

function pathOf(id: string): string {
  return `/v1/files/${encodeURIComponent(id)}`;
}
