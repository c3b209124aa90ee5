import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { BatchResults } from '../../src/batches/batch-results.ts';
import { DiskBlobs } from '../../src/blobs/disk-blobs.ts';
import { type Batch, type BatchSpec, hasEnded } from '../../src/core/batch.ts';
import { newBatchId } from '../../src/core/batch-id.ts';
import { Files } from '../../src/files/files.ts';
import type { Store } from '../../src/store/store.ts';
import { eventually } from './eventually.ts';
import { openStore } from './stores.ts';

/** A line of a result file. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into the wire format as their clients would
export type ResultLine = any;

/** Makes batches, and reads what comes of them, past the API: on the Redis and the folder of files that Sluice has. */
export class BatchClient {
  readonly store: Store;
  readonly files: Files;
  readonly results: BatchResults;
  /** What the Sluice processes of the test need in their environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;

  private constructor(store: Store, folder: string) {
    this.store = store;
    this.folder = folder;
    this.env = { SLUICE_FILES_DIR: folder };
    const blobs = new DiskBlobs(folder);
    this.files = new Files(store.files, blobs);
    this.results = new BatchResults(store.batches, blobs);
  }

  static async open(redisUrl: string): Promise<BatchClient> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-batches-'));
    return new BatchClient(await openStore(redisUrl), folder);
  }

  /** Makes a batch of an input; its id. `timeout`: seconds until it expires. */
  async create(
    input: string,
    changes: Partial<BatchSpec> & { readonly timeout?: number } = {},
  ): Promise<BatchSpec> {
    const { timeout = 600, ...spec } = changes;
    const about = { filename: 'lines.jsonl', purpose: 'batch', expiresAt: null } as const;
    const file = await this.files.create(chunk(input), about);
    const now = Date.now();
    const batch: BatchSpec = {
      id: newBatchId(),
      kind: 'openai',
      endpoint: '/v1/chat/completions',
      inputFileId: file.id,
      metadata: null,
      outputExpiresAfter: null,
      dedupe: false,
      retryOf: null,
      webhook: null,
      createdAt: now,
      expiresAt: now + 1000 * timeout,
      ...spec,
    };
    await this.store.batches.create(batch);
    return batch;
  }

  async get(id: string): Promise<Batch> {
    const batch = await this.store.batches.get(id);
    if (batch === null) throw new Error(`There is no ${id}.`);
    return batch;
  }

  /** Waits until the batch is as wanted. */
  until(what: string, id: string, wanted: (batch: Batch) => boolean, within = 60_000): Promise<Batch> {
    const find = async (): Promise<Batch | null> => {
      const batch = await this.get(id);
      return wanted(batch) ? batch : null;
    };
    return eventually(`${id} ${what}`, find, { within });
  }

  ended(id: string, within?: number): Promise<Batch> {
    return this.until('to end', id, ({ status }) => hasEnded(status), within);
  }

  /** The lines of a result file; none where there is no file. */
  async lines(fileId: string | null): Promise<ResultLine[]> {
    const bytes = fileId === null ? null : await this.files.read(fileId);
    if (bytes === null) return [];
    return (await text(bytes))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** A line of an input for chat completions of the scripted provider; `mock` is its `mock_response`. */
export function chatLine(customId: string, mock: object | string = customId, more: object = {}): string {
  const messages = [{ role: 'user', content: 'go' }];
  const body = { model: 'scripted/echo', messages, mock_response: mock, ...more };
  return JSON.stringify({ custom_id: customId, method: 'POST', url: '/v1/chat/completions', body });
}

/** Lines with the custom ids `0`, `1`, …, each answered by its own. */
export function chatLines(count: number, mock: (index: number) => object | string = String): string {
  return Array.from({ length: count }, (_, index) => `${chatLine(String(index), mock(index))}\n`).join('');
}

async function* chunk(content: string): AsyncGenerator<Buffer> {
  yield Buffer.from(content);
}
