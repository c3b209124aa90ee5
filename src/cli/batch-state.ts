import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
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

  /**
   * Null: there is none.
   *
   * @throws {Exit} where it cannot be understood: what it remembers may have been paid for.
   */
  async read(): Promise<BatchState | null> {
    try {
      const state = JSON.parse(await readFile(this.path, 'utf8')) as BatchState;
      if (typeof state.key === 'string' && typeof state.sha256 === 'string') return state;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    }
    throw new Exit(
      EXIT.usage,
      `${this.path} should remember a batch, and cannot be read. Look for that batch in \`sluice batch list\`; ` +
        'remove the file to begin anew.',
    );
  }

  /** The state that is kept: this one, or that of a run of the same command which was sooner. */
  async claim(state: BatchState): Promise<BatchState> {
    const mine = `${this.path}.${state.key}`;
    await replaceFile(mine, `${JSON.stringify(state)}\n`);
    try {
      // Unlike a file that is opened to be made, it is whole as soon as it is there.
      await link(mine, this.path);
      return state;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
        return (await this.read()) ?? state;
      // A file system without links.
      await this.write(state);
      return state;
    } finally {
      await rm(mine, { force: true });
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
  // Of this process: the same command may run twice.
  const half = `${path}.${process.pid}.part`;
  try {
    await writeFile(half, content as Parameters<typeof writeFile>[1]);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true }).catch(() => {});
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): unknown {
  const isSystem = error instanceof Error && 'syscall' in error && 'code' in error;
  return isSystem ? new Exit(EXIT.usage, `${path} cannot be written (${error.code}).`) : error;
}
