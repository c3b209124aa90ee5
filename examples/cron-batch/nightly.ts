/**
 * A batch of prompts every night at two, its progress on standard output. What has been submitted is remembered in a file: a
 * run that was ended half-way, or a machine that was switched off, goes on with the same batch and pays for nothing twice.
 *
 *   npm start                                     Sluice, in another terminal
 *   export SLUICE_BASE_URL=http://127.0.0.1:4000
 *   node --conditions=sluice-source examples/cron-batch/nightly.ts             every night
 *   node --conditions=sluice-source examples/cron-batch/nightly.ts --now       once, now
 *
 * SLUICE_API_KEY is the server's key, where it has one.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cron } from 'croner';
import { type BatchInput, type BatchObject, type BatchProgress, type BatchRun, Sluice } from 'sluice';

const { values } = parseArgs({
  options: {
    now: { type: 'boolean', default: false },
    model: { type: 'string', default: 'scripted/echo' },
    folder: { type: 'string', default: 'nightly' },
  },
});
mkdirSync(values.folder, { recursive: true });
const state = join(values.folder, 'state.json');
const sluice = new Sluice();

/** What to ask: here a file of prompts, a line each. Yours may be the day's rows of a table. */
function prompts(): BatchInput[] {
  const text = readFileSync(join(import.meta.dirname, 'prompts.txt'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((content) => ({ model: values.model, messages: [{ role: 'user', content }] }));
}

/** What was submitted, and is not reported yet. */
interface State {
  readonly night: string;
  readonly batch: string;
}

function readState(): State | null {
  try {
    return JSON.parse(readFileSync(state, 'utf8')) as State;
  } catch {
    return null;
  }
}

/** Whole or not at all, whenever this process ends. */
function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

async function night(): Promise<void> {
  const pending = readState();
  const name = pending?.night ?? new Date().toISOString().slice(0, 10);
  const run = pending === null ? await submit(name) : await goOn(pending);
  report(name, run);
  rmSync(state, { force: true });
}

function submit(name: string): Promise<BatchRun> {
  const onBatch = ({ id }: BatchObject): void => {
    write(state, JSON.stringify({ night: name, batch: id } satisfies State));
    console.log(`submitted ${id}`);
  };
  return sluice.batches.run(prompts(), { onBatch, onProgress });
}

function goOn({ batch }: State): Promise<BatchRun> {
  console.log(`going on with ${batch}`);
  return sluice.batches.follow(batch, { onProgress });
}

function onProgress({ status, request_counts }: BatchProgress): void {
  const { total, completed, failed } = request_counts;
  console.log(`${status}: ${completed} of ${total}, ${failed} failed`);
}

function report(name: string, { batch, lines }: BatchRun): void {
  const file = join(values.folder, `${name}.jsonl`);
  write(file, lines.map((line) => `${JSON.stringify(line.result)}\n`).join(''));
  console.log(`${batch.status}: ${lines.length} answers in ${file}, ${batch.cost.usd} USD`);
}

if (values.now) await night();
else {
  // `protect`: a night that takes longer than a day is not begun twice.
  const job = new Cron('0 2 * * *', { protect: true, catch: (error) => console.error(error) }, night);
  // What was interrupted is not left until tomorrow.
  if (readState() !== null) await job.trigger();
  console.log(`next run: ${job.nextRun()?.toISOString()}`);
}
