import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT, Exit } from './exit-codes.ts';

/** Where the lines go that did not complete. */
export function errorsPathOf(output: string): string {
  return `${output.replace(/\.jsonl$/, '')}.errors.jsonl`;
}

/**
 * Refuses what the results could not be written to, or should not be, while nothing has been paid for yet.
 *
 * @throws {Exit}
 */
export async function checkOutput(input: string, output: string): Promise<void> {
  const folder = dirname(output);
  const found = await stat(folder).catch(() => null);
  if (found === null) throw refusal(`The folder ${folder} of ${output} does not exist: mkdir -p ${folder}`);
  if (!found.isDirectory()) throw refusal(`${folder} is no folder: give another output than ${output}.`);
  const read = await realpath(input).catch(() => input);
  for (const path of [output, errorsPathOf(output)]) {
    const there = await stat(path).catch(() => null);
    // Results take the place of what is there, which must not be a device.
    if (there !== null && !there.isFile()) throw refusal(`${path} is no file: give another output.`);
    if (there !== null && (await realpath(path)) === read)
      throw refusal(`${path} is the input, and results would be written over it: give another output.`);
  }
}

function refusal(message: string): Exit {
  return new Exit(EXIT.usage, message);
}
