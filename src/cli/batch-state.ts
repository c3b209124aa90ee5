import { readFile, rename, rm, writeFile } from 'node:fs/promises';

import { EXIT, Exit } from './exit-codes.ts';

/** What a batch that was begun here has to remember until its results are here. */
export interface BatchState {
  /** Under which the batch was submitted: submitting it again makes no second one. */
  readonly key: string;
  /** Of its input. */
  readonly sha256: string;
  readonly fileId?: string;
  readonly batchId?: string;
}

/** The file beside the output that remembers a batch, so that the same command goes on with it. */
export class BatchStateFile {
  readonly path: string;

  constructor(output: string) {
    this.path = `${output}.sluice-batch`;
  }

  /** Null: there is none, or none that can be read. */
  async read(): Promise<BatchState | null> {
    try {
      const state = JSON.parse(await readFile(this.path, 'utf8')) as BatchState;
      return typeof state.key === 'string' && typeof state.sha256 === 'string' ? state : null;
    } catch {
      return null;
    }
  }

  async write(state: BatchState): Promise<void> {
    await replaceFile(this.path, `${JSON.stringify(state)}\n`);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** Writes a file so that there is the old one or the new one, and never half of either. */
export async function replaceFile(
  path: string,
  content: string | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
): Promise<void> {
  const half = `${path}.part`;
  try {
    await writeFile(half, content as Parameters<typeof writeFile>[1]);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true }).catch(() => {});
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    throw new Exit(EXIT.usage, `${path} cannot be written (${error.code}).`);
  }
}
