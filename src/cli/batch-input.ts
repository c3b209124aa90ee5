import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { EXIT, Exit } from './exit-codes.ts';
import { unreadable } from './prompt-input.ts';

/** The input of a batch, ready to be uploaded. */
export interface BatchInputFile {
  readonly blob: Blob;
  readonly filename: string;
  readonly lines: number;
  /** Says whether it is the same input as before. */
  readonly sha256: string;
}

/**
 * Reads JSONL: lines of a batch's input as they are (`{"custom_id", "body", …}`), requests alone, or prompts as JSON strings.
 * What is a line already is not written again, so a large file is read from its disk as it is sent.
 *
 * @throws {Exit} for a file that cannot be read, and for the first line that is none of those.
 */
export async function readBatchInput(
  path: string,
  endpoint: string,
  model: () => Promise<string>,
): Promise<BatchInputFile> {
  const hash = createHash('sha256').update(endpoint);
  const written: string[] = [];
  let count = 0;
  let asIs = true;
  const lines = createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  try {
    for await (const text of lines) {
      if (text.trim() === '') continue;
      count += 1;
      hash.update(text);
      const value = parseLine(text, path, count);
      const isLine = typeof value === 'object' && 'body' in value;
      asIs &&= isLine;
      if (isLine) written.push(text);
      else written.push(await writeLine(value, count, endpoint, model));
    }
  } catch (error) {
    if (error instanceof Exit) throw error;
    unreadable(path)(error as NodeJS.ErrnoException);
  }
  if (count === 0) throw new Exit(EXIT.usage, `${path} has no lines: expected a request a line, as JSON.`);
  const blob = asIs ? await openAsBlob(path) : new Blob(written.map((line) => `${line}\n`));
  return {
    blob,
    filename: basename(path).replace(/(\.jsonl)?$/, '.jsonl'),
    lines: count,
    sha256: hash.digest('hex'),
  };
}

function parseLine(text: string, path: string, number: number): object | string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value)))
      return value;
  } catch {
    // Told below.
  }
  throw new Exit(
    EXIT.usage,
    `${path}:${number} is not what a batch is made of. Expected JSON: a line of a batch, {"custom_id": …, "body": {…}}; ` +
      'a request, {"messages": […]}; or a prompt, "…".',
  );
}

async function writeLine(
  value: object | string,
  number: number,
  url: string,
  model: () => Promise<string>,
): Promise<string> {
  const asked = typeof value === 'string' ? { messages: [{ role: 'user', content: value }] } : value;
  const body = 'model' in asked ? asked : { model: await model(), ...asked };
  return JSON.stringify({ custom_id: `line-${number}`, method: 'POST', url, body });
}
