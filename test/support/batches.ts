import { call } from './api-client.ts';
import { eventually } from './eventually.ts';

/** A line of a batch's input, in OpenAI's form. */
export function batchLine(customId: string, body: object, url = '/v1/chat/completions'): object {
  return { custom_id: customId, method: 'POST', url, body };
}

/** So many lines that ask the scripted model, `line-1` and so on. */
export function batchLines(count: number, model = 'scripted/echo'): object[] {
  return Array.from({ length: count }, (_, index) =>
    batchLine(`line-${index + 1}`, { model, messages: [{ role: 'user', content: `Line ${index + 1}.` }] }),
  );
}

/** Uploads the input of a batch; the id of the file. */
export async function uploadInput(
  base: string,
  lines: readonly object[] | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const text = typeof lines === 'string' ? lines : lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([text]), 'input.jsonl');
  const response = await fetch(`${base}/v1/files`, { method: 'POST', body: form, headers });
  const file = (await response.json()) as { id: string };
  if (response.status !== 200)
    throw new Error(`the upload answered ${response.status}: ${JSON.stringify(file)}`);
  return file.id;
}

/** Makes a batch of the lines; its object. */
export async function createBatch(
  base: string,
  lines: readonly object[] | string,
  { endpoint = '/v1/chat/completions', ...more }: { endpoint?: string; [field: string]: unknown } = {},
) {
  const input_file_id = await uploadInput(base, lines);
  const body = { input_file_id, endpoint, completion_window: '24h', ...more };
  const answer = await call('POST', `${base}/v1/batches`, { body });
  if (answer.status !== 200)
    throw new Error(`the batch answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** The batch's object, as it stands. */
export async function getBatch(base: string, id: string) {
  return (await call('GET', `${base}/v1/batches/${id}`)).body;
}

const ENDED = ['failed', 'completed', 'expired', 'cancelled'];

/** Waits for a batch's end; its object. */
export async function batchEnded(base: string, id: string, within = 30_000) {
  return eventually(
    `the end of ${id}`,
    async () => {
      const batch = await getBatch(base, id);
      return ENDED.includes(batch.status) ? batch : null;
    },
    { within },
  );
}

/** The lines of a JSONL file that clients can download; none where there is no file. */
export async function fileLines(base: string, fileId: string | null) {
  if (fileId === null) return [];
  const response = await fetch(`${base}/v1/files/${fileId}/content`);
  return jsonLines(await response.text());
}

/** JSON, line by line. */
export function jsonLines(text: string) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
