import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Answer } from './api-client.ts';
import { eventually } from './eventually.ts';
import { type FormPart, sendForm } from './send-form.ts';
import { sharedSluice } from './shared-sluice.ts';

/** Bytes of the largest file, and of the largest for a batch. */
export const MAX_FILE = 300_000;
export const MAX_BATCH = 200_000;

/** A file as a form has it. */
export const textFile = (content: string, name = 'lines.jsonl') => ({ name, content });

/** A Sluice for the tests of the file that calls this, with small limits for files, and a look at where it keeps them. */
export function filesSluice() {
  const folder = join(tmpdir(), `sluice-files-${randomUUID()}`);
  const sluice = sharedSluice({
    env: { SLUICE_FILES_DIR: folder },
    config: {
      model_list: [{ model_name: 'scripted/*', litellm_params: { model: 'scripted/*' } }],
      general_settings: { max_file_bytes: MAX_FILE, max_batch_bytes: MAX_BATCH, max_request_bytes: 1000 },
    },
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const url = (): string => `${sluice.url}/v1/files`;
  const upload = (...parts: FormPart[]): Promise<Answer> => sendForm(url(), parts);
  /** Uploads a file; what the API says of it. */
  const create = async (
    content: string,
    name = 'notes.txt',
    purpose = 'user_data',
  ): Promise<Answer['body']> => (await upload(['purpose', purpose], ['file', textFile(content, name)])).body;
  /** Every blob of a file and of a part, also what is not finished, by its path from there. */
  const onDisk = async (below = ''): Promise<string[]> => {
    const paths = await readdir(join(folder, below), { recursive: true }).catch(() => []);
    return paths.filter((path) => /(file-|part_)[^/]*$/.test(path)).sort();
  };
  /** Sends something that is refused, and waits until there is as much on the disk as before. */
  const leavesNothing = async <T>(sending: () => Promise<T>): Promise<T> => {
    const before = await onDisk();
    const answer = await sending();
    await eventually('the disk to be as before', async () => (await onDisk()).length === before.length);
    return answer;
  };
  return { sluice, folder, url, upload, create, onDisk, leavesNothing };
}
