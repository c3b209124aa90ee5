import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
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

/** Characters that are gathered before they leave the heap, as a piece of a Blob. */
const PIECE = 1 << 20;

/**
 * Reads JSONL: lines of a batch's input as they are (`{"custom_id", "body", …}`), requests alone, or prompts as JSON strings.
 * A file that is a batch already is not held in memory, but read from its disk again as it is sent.
 *
 * @throws {Exit} for a file that cannot be read, and for the first line that is none of those.
 */
export async function readBatchInput(
  path: string,
  endpoint: string,
  model: () => Promise<string>,
): Promise<BatchInputFile> {
  // A pipe cannot be read again.
  const isFile = await stat(path).then((found) => found.isFile(), unreadable(path));
  const hash = createHash('sha256').update(endpoint);
  const gathered = new Gathered();
  let count = 0;
  let asIs = isFile;
  for await (const read of linesOf(path)) {
    count += 1;
    const text = count === 1 ? read.replace(/^\ufeff/, '') : read;
    // A byte order mark, which some editors begin a file with, is no JSON.
    if (text !== read) asIs = false;
    hash.update(text);
    const value = parseLine(text, path, count);
    if (isLine(value)) {
      if (!asIs) gathered.add(text);
      continue;
    }
    // Those before it were not kept.
    if (asIs) await gathered.addAll(linesOf(path), count - 1);
    asIs = false;
    gathered.add(await writeLine(value, count, endpoint, model));
  }
  if (count === 0) throw new Exit(EXIT.usage, `${path} has no lines: expected a request a line, as JSON.`);
  return {
    blob: asIs ? await openAsBlob(path) : gathered.blob(),
    filename: basename(path).replace(/(\.jsonl)?$/, '.jsonl'),
    lines: count,
    sha256: hash.digest('hex'),
  };
}

/** Lines that are no longer what the file has. */
class Gathered {
  readonly #pieces: Blob[] = [];
  #text = '';

  add(line: string): void {
    this.#text += `${line}\n`;
    if (this.#text.length < PIECE) return;
    this.#pieces.push(new Blob([this.#text]));
    this.#text = '';
  }

  /** The first lines, so many. */
  async addAll(lines: AsyncIterable<string>, count: number): Promise<void> {
    let left = count;
    for await (const line of lines) {
      if (left === 0) return;
      this.add(line);
      left -= 1;
    }
  }

  blob(): Blob {
    return new Blob([...this.#pieces, this.#text]);
  }
}

/** The lines of a file that are not empty. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const input = createReadStream(path, 'utf8');
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const text of lines) if (text.trim() !== '') yield text;
  } catch (error) {
    unreadable(path)(error as NodeJS.ErrnoException);
  } finally {
    input.destroy();
  }
}

function isLine(value: object | string): value is object {
  return typeof value === 'object' && 'body' in value;
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
