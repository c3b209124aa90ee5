import type { BatchObject, BatchProgress } from '../client/index.ts';
import { NotFoundError } from '../client/index.ts';
import { type BatchInputFile, readBatchInput } from './batch-input.ts';
import { checkOutput } from './batch-output.ts';
import { writeResults } from './batch-results.ts';
import { type BatchState, BatchStateFile } from './batch-state.ts';
import { EXIT, Exit } from './exit-codes.ts';
import { describeProgress, ProgressLine } from './progress-line.ts';
import { type AskOptions, chooseModel } from './prompt-input.ts';
import type { Session } from './session.ts';

/** The options of `sluice batch run`. */
export interface RunBatchOptions extends Pick<AskOptions, 'model'> {
  readonly output: string;
  readonly endpoint: string;
  readonly dedupe?: boolean;
}

/** Seconds between two lines of progress where no terminal shows a line that changes. */
const SELDOM = 10;

/** Runs a file of requests as a batch, or goes on with the one that was begun; resolves once its results are written. */
export async function runBatch(
  session: Session,
  path: string,
  options: RunBatchOptions,
  signal: AbortSignal,
): Promise<BatchObject> {
  await checkOutput(path, options.output);
  const state = new BatchStateFile(options.output);
  const input = await readBatchInput(path, options.endpoint, () => chooseModel(session, options));
  const id = await findOrSubmit(session, input, { ...options, signal }, state).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    throw new Exit(
      EXIT.interrupted,
      'The batch was not submitted, or not yet known to be: the same command goes on.',
    );
  });
  const ended = await followBatch(session, id, signal);
  // Of a batch that was not run, nothing is to be gone on with.
  if (ended.status === 'failed') await state.remove();
  await writeResults(session, ended, options.output, signal);
  await state.remove();
  return ended;
}

type Submitting = RunBatchOptions & { readonly signal: AbortSignal };

async function findOrSubmit(
  session: Session,
  input: BatchInputFile,
  options: Submitting,
  file: BatchStateFile,
): Promise<string> {
  const { client, terminal } = session;
  const known = await file.read();
  if (known !== null && known.sha256 !== input.sha256) throw otherInput(file, known);
  const found =
    known?.batchId === undefined ? null : await client.batches.retrieve(known.batchId).catch(ifGone);
  if (found !== null) {
    terminal.note(`Going on with ${found.id}.`);
    return found.id;
  }
  // Of a batch that is gone, the key is used up.
  if (known?.batchId !== undefined) await file.remove();
  const state = await file.claim({ key: crypto.randomUUID(), sha256: input.sha256 });
  if (state.sha256 !== input.sha256) throw otherInput(file, state);
  const batch = await submit(session, input, options, state, file);
  terminal.note(`${batch.id} has ${input.lines} lines.`);
  return batch.id;
}

async function submit(
  { client, terminal }: Session,
  { blob, filename }: BatchInputFile,
  { endpoint, dedupe, signal }: Submitting,
  state: BatchState,
  file: BatchStateFile,
): Promise<BatchObject> {
  const uploading = terminal.activity(`uploading ${Math.ceil(blob.size / 1024)} KB`);
  try {
    const uploaded =
      state.fileId ?? (await client.files.create(blob, { filename, purpose: 'batch', signal })).id;
    // The same command, running twice, submits one file.
    const fileId = (await file.read())?.fileId ?? uploaded;
    await file.write({ ...state, fileId });
    const request = { input_file_id: fileId, endpoint, ...(dedupe && { dedupe }) };
    const batch = await client.batches.create(request, { idempotencyKey: state.key, signal });
    await file.write({ ...state, fileId, batchId: batch.id });
    return batch;
  } finally {
    uploading.stop();
  }
}

/** Watches a batch to its end. `lines`: writes each finished one to standard output, as JSON. */
export async function followBatch(
  session: Session,
  id: string,
  signal: AbortSignal,
  lines = false,
): Promise<BatchObject> {
  const { client, terminal } = session;
  const line = new ProgressLine(terminal, id);
  const plain = new PlainProgress(session);
  try {
    for await (const event of client.batches.stream(id, { signal, results: lines })) {
      if (event.type === 'progress') {
        line.show(event.progress);
        plain.show(event.progress);
      }
      if (event.type === 'line' && lines)
        terminal.jsonLine({ event: 'line', offset: event.offset, ...event.line });
      if (event.type === 'end') return event.batch;
    }
    return await client.batches.retrieve(id);
  } catch (error) {
    if (!signal.aborted) throw error;
    line.stop();
    throw new Exit(
      EXIT.interrupted,
      `${id} goes on. The same command goes on watching it; \`sluice batch cancel ${id}\` ends it.`,
    );
  } finally {
    line.stop();
  }
}

/** A line now and then, where standard error is a file or a pipe. */
class PlainProgress {
  readonly #session: Session;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(session: Session) {
    this.#session = session;
  }

  show(progress: BatchProgress): void {
    const { terminal, json } = this.#session;
    const now = performance.now();
    if (terminal.watched || json || now - this.#toldAt < 1000 * SELDOM) return;
    this.#toldAt = now;
    terminal.note(describeProgress(progress).join(' · '));
  }
}

function ifGone(error: unknown): null {
  if (error instanceof NotFoundError) return null;
  throw error;
}

function otherInput({ path }: BatchStateFile, { batchId }: BatchState): Exit {
  const which = batchId === undefined ? 'a batch' : batchId;
  return new Exit(
    EXIT.usage,
    `${path} remembers ${which} of another input. Give another output, or remove that file to begin anew.`,
  );
}
