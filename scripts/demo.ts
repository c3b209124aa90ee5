/**
 * `npm run demo`: the main job from end to end, on a Sluice of its own. Submits a completion, follows its
 * deltas, loses the connection half-way, resumes from the last offset, and holds the streamed text against
 * the polled result.
 */
import { createHash } from 'node:crypto';
import { decodeEvents } from '../src/core/sse.ts';
import { withOwnSluice } from './own-sluice.ts';

/** Deltas after which the demo hangs up. */
const HANG_UP_AFTER = 20;
const TERMINAL = ['completed', 'failed', 'cancelled', 'expired'];

const paint = (code: number, text: string): string =>
  process.stdout.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text;
const say = (line: string): void => console.log(paint(36, `\n> ${line}`));

interface Progress {
  text: string;
  lastEventId: string;
  deltas: number;
  end: { status: string; error: { message: string } | null; digest: { sha256: string } } | null;
}

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
}

/** The model to ask and why. */
function chooseModel(): { model: string; why: string } {
  if (process.env.OPENAI_API_KEY) {
    return { model: 'openai/gpt-4o-mini', why: 'OPENAI_API_KEY is set: this asks OpenAI for real' };
  }
  return {
    model: 'scripted/lorem?deltas=60&delay_ms=50',
    why: 'no OPENAI_API_KEY is set: the built-in scripted provider answers',
  };
}

async function submit(url: string, model: string): Promise<string> {
  const response = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...authorization() },
    body: JSON.stringify({
      body: { model, messages: [{ role: 'user', content: 'In about eighty words: why do rivers meander?' }] },
    }),
  });
  const job = (await response.json()) as { id: string; error?: { message: string } };
  if (response.status !== 202) throw new Error(`Sluice refused the job: ${job.error?.message}`);
  return job.id;
}

/** Follows the job's events from where `progress` stands; hangs up after `most` deltas of this connection. */
async function follow(url: string, jobId: string, progress: Progress, most: number): Promise<void> {
  const controller = new AbortController();
  const response = await fetch(`${url}/v1/jobs/${jobId}/events`, {
    headers: { ...authorization(), ...(progress.lastEventId && { 'Last-Event-ID': progress.lastEventId }) },
    signal: controller.signal,
  });
  let left = most;
  const decoder = decodeEvents({
    onEvent: ({ event = '', id = '', data }) => {
      if (left === 0) return;
      progress.lastEventId = id;
      if (event === 'delta') {
        left -= 1;
        progress.deltas += 1;
        show(progress, JSON.parse(data) as Chunk);
      } else if (event === 'attempt') {
        progress.text = '';
      } else if (TERMINAL.includes(event)) {
        progress.end = JSON.parse(data) as Progress['end'];
      }
    },
  });
  if (response.body === null) throw new Error(`The event stream answered ${response.status} without a body.`);
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    decoder.feed(text);
    if (left === 0) break;
  }
  controller.abort();
}

function show(progress: Progress, chunk: Chunk): void {
  const content = chunk.choices[0]?.delta.content ?? '';
  progress.text += content;
  process.stdout.write(content);
}

async function poll(url: string, jobId: string): Promise<{ status: string; text: string }> {
  const response = await fetch(`${url}/v1/jobs/${jobId}?wait=30`, { headers: authorization() });
  const job = (await response.json()) as {
    status: string;
    result: { choices: { message: { content: string | null } }[] } | null;
  };
  return { status: job.status, text: job.result?.choices[0]?.message.content ?? '' };
}

function authorization(): Record<string, string> {
  const key = process.env.SLUICE_MASTER_KEY;
  return key ? { Authorization: `Bearer ${key}` } : {};
}

async function demo(url: string): Promise<boolean> {
  const { model, why } = chooseModel();
  say(`${why}.\n> POST ${url}/v1/jobs  model ${model}`);
  const jobId = await submit(url, model);
  say(`Accepted as ${jobId}; from here on it is durable. Its deltas, as they stream:\n`);

  const progress: Progress = { text: '', lastEventId: '', deltas: 0, end: null };
  await follow(url, jobId, progress, HANG_UP_AFTER);
  console.log();
  if (progress.end === null) {
    say(`The connection is dropped here, after event ${progress.lastEventId}. The job does not notice.`);
    say(`A new connection, with Last-Event-ID: ${progress.lastEventId}. The rest:\n`);
    while (progress.end === null) await follow(url, jobId, progress, Number.POSITIVE_INFINITY);
    console.log();
  }

  const polled = await poll(url, jobId);
  const { end } = progress;
  if (end.error) {
    say(`The job ended as ${end.status}: ${end.error.message}`);
    return false;
  }
  const sha256 = createHash('sha256').update(progress.text).digest('hex');
  const agree = polled.text === progress.text && end.digest.sha256 === sha256;
  say(
    agree
      ? `The job is ${polled.status}. Its polled result and the text streamed over two connections agree: ` +
          `${progress.text.length} characters, ${progress.deltas} deltas, sha256 ${sha256.slice(0, 16)}…`
      : `The polled result and the streamed text DIFFER:\n${polled.text}\n---\n${progress.text}`,
  );
  return agree;
}

say('Starting Sluice: API, worker and a Redis of its own in a temporary folder.');
await withOwnSluice(demo);
