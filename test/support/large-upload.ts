import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Answer } from './api-client.ts';

const PIECE = 64 * 1024;

/** `count` pieces of 64 KB, none like the one before. */
export async function* pieces(count: number): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index += 1) yield Buffer.alloc(PIECE, String(index));
}

/** The digest of such pieces, or of whatever comes. */
export async function digestOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}

/** Uploads a file of `count` {@link pieces} without holding it, its length unsaid, as the official clients do. */
export async function uploadLarge(base: string, count: number): Promise<Answer['body']> {
  async function* form(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('--large\r\nContent-Disposition: form-data; name="file"; filename="large.txt"\r\n\r\n');
    yield* pieces(count);
    const rest = 'Content-Disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n--large--\r\n';
    yield Buffer.from(`\r\n--large\r\n${rest}`);
  }
  const response = await fetch(`${base}/v1/files`, {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=large' },
    body: ReadableStream.from(form()),
    duplex: 'half',
  });
  return response.json();
}

/** The most memory that a process has had so far, in bytes, as Linux says it. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
}
