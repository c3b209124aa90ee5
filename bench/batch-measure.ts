import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type Load, quantile } from './load.ts';
import { residentKb } from './processes.ts';

/** The process under measurement, and its Redis. */
export interface Subject {
  readonly port: number;
  readonly pid: number;
  readonly redisUrl: string;
}

/** What a batch looked like from outside. */
export interface BatchRun {
  readonly lines: number;
  readonly bytes: number;
  /** Seconds from the upload's beginning until the first line may run. */
  readonly ready: number;
  /** MB that the process grew meanwhile, at most. */
  readonly grewMb: number;
  /** Over the whole batch, from when lines may run to its end. */
  readonly linesPerSecond: number;
  /** Ms to the first delta of other jobs meanwhile. */
  readonly firstDeltas: readonly number[];
  /** MB in Redis above idle, by the share of lines that had finished. */
  readonly redisMb: readonly { readonly share: number; readonly mb: number }[];
  /** Results missing, repeated or failed. */
  readonly wrong: number;
}

/** An answer of 20 deltas that needs no provider. */
const MODEL = 'scripted/lorem?deltas=20';
const LINE_BYTES = 200;
/** Ms between two looks at a batch, and between two other jobs. */
const LOOK = 50;

/** The input: lines of exactly 200 bytes. */
export function inputOf(lines: number): string {
  return Array.from({ length: lines }, (_, index) => {
    const line = (content: string): string =>
      JSON.stringify({
        custom_id: `line-${index}`,
        method: 'POST',
        url: '/v1/chat/completions',
        body: { model: MODEL, messages: [{ role: 'user', content }] },
      });
    return `${line('x'.repeat(LINE_BYTES - 1 - line('').length))}\n`;
  }).join('');
}

/** Completions a second of the same model, asked for one by one, 50 in flight: the median of several rounds. */
export async function measureScripted(port: number, rounds: number, total: number): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    let begun = 0;
    const began = performance.now();
    const lane = async (): Promise<void> => {
      while (begun < total) {
        begun += 1;
        const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model: MODEL, stream: true, messages: [{ role: 'user', content: 'Go.' }] }),
        });
        await response.text();
      }
    };
    await Promise.all(Array.from({ length: 50 }, lane));
    rates.push((1000 * total) / (performance.now() - began));
  }
  return quantile(rates);
}

/** Ms to the first delta of single jobs, one after another, for as long as `goesOn` says. */
export async function measureFirstDeltas(load: Load, port: number, goesOn: (count: number) => boolean) {
  const times: number[] = [];
  while (goesOn(times.length)) {
    times.push((await load.completion(port, { deltas: 3, pause: 5 })).firstDelta);
    await delay(2 * LOOK);
  }
  return times;
}

/** Runs one batch, with other jobs beside it. */
export async function measureBatch(load: Load, subject: Subject, lines: number): Promise<BatchRun> {
  const redis = new Redis(subject.redisUrl);
  const input = inputOf(lines);
  const idleRedis = await usedMb(redis);
  const memory = watchMemory(subject.pid);
  const began = performance.now();
  const id = await submit(subject.port, input);
  await until(subject.port, id, (batch) => batch.status !== 'validating');
  const ready = (performance.now() - began) / 1000;
  const grewMb = memory.stop();
  const runs = performance.now();
  let ended = false;
  const redisMb: { share: number; mb: number }[] = [];
  const [firstDeltas, batch] = await Promise.all([
    measureFirstDeltas(load, subject.port, () => !ended),
    until(subject.port, id, async ({ status, request_counts: { completed, failed } }) => {
      redisMb.push({ share: (completed + failed) / lines, mb: (await usedMb(redis)) - idleRedis });
      ended = ['completed', 'failed', 'expired', 'cancelled'].includes(status);
      return ended;
    }),
  ]);
  const seconds = (performance.now() - runs) / 1000;
  redis.disconnect();
  return {
    lines,
    bytes: Buffer.byteLength(input),
    ready,
    grewMb,
    linesPerSecond: lines / seconds,
    firstDeltas,
    redisMb,
    wrong: await countWrong(subject.port, batch, lines),
  };
}

interface BatchObject {
  readonly status: string;
  readonly output_file_id: string | null;
  readonly request_counts: { readonly completed: number; readonly failed: number };
}

async function submit(port: number, input: string): Promise<string> {
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new Blob([input]), 'input.jsonl');
  const upload = await fetch(`http://127.0.0.1:${port}/v1/files`, { method: 'POST', body: form });
  const file = (await upload.json()) as { id: string };
  const created = await fetch(`http://127.0.0.1:${port}/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    }),
  });
  return ((await created.json()) as { id: string }).id;
}

async function until(
  port: number,
  id: string,
  holds: (batch: BatchObject) => boolean | Promise<boolean>,
): Promise<BatchObject> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/v1/batches/${id}`);
    const batch = (await response.json()) as BatchObject;
    if (await holds(batch)) return batch;
    await delay(LOOK);
  }
}

/** Every line has one result, and that is an answer. */
async function countWrong(port: number, batch: BatchObject, lines: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/files/${batch.output_file_id}/content`);
  const text = await response.text();
  const ids = text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id);
  return Math.abs(ids.length - lines) + (ids.length - new Set(ids).size);
}

/** How much a process grows, in MB, from now until it is stopped. */
function watchMemory(pid: number): { stop: () => number } {
  const idle = residentKb(pid);
  let most = idle;
  const timer = setInterval(() => {
    most = Math.max(most, residentKb(pid));
  }, 10);
  return {
    stop: () => {
      clearInterval(timer);
      return (most - idle) / 1024;
    },
  };
}

async function usedMb(redis: Redis): Promise<number> {
  const info = await redis.info('memory');
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]) / 1024 ** 2;
}
