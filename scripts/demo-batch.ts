/**
 * `npm run demo:batch`: a batch from end to end, with OpenAI's own client, on a Sluice of its own. A book becomes 1,000
 * prompts; they are uploaded, run as one batch and followed live; a webhook tells of the end; the results are downloaded and
 * counted.
 */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import OpenAI from 'openai';
import { makePrompts } from '../examples/batch/make-prompts.ts';
import { decodeEvents } from '../src/core/sse.ts';
import { withOwnSluice } from './own-sluice.ts';

const PROMPTS = 1000;
const say = (line: string): void => console.log(`\n> ${line}`);

interface Progress {
  readonly request_counts: { readonly total: number; readonly completed: number; readonly failed: number };
  readonly lines_per_second: number | null;
  readonly eta: number | null;
}

/** A server that takes one delivery: what came, once it has come. */
async function webhookReceiver() {
  const { promise: delivery, resolve } = Promise.withResolvers<{ body: string; headers: Headers }>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    response.end();
    resolve({ body, headers: new Headers(request.headers as Record<string, string>) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/sluice`, delivery, close: () => server.close() };
}

/** Shows a batch's progress, on one line of a terminal, until it ends. */
async function follow(url: string, batchId: string): Promise<void> {
  const response = await fetch(`${url}/v1/batches/${batchId}/events`);
  if (response.body === null) throw new Error(`The event stream answered ${response.status} without a body.`);
  let lines = 0;
  const decoder = decodeEvents({
    onEvent: ({ event, data }) => {
      if (event === 'line') lines += 1;
      if (event === 'progress') show(JSON.parse(data) as Progress, lines);
    },
  });
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) decoder.feed(part);
  console.log(`${process.stdout.isTTY ? '\n' : ''}  ${lines} lines told of one by one`);
}

function show({ request_counts: counts, lines_per_second: rate, eta }: Progress, lines: number): void {
  const parts = [
    `  ${counts.completed + counts.failed} of ${counts.total}`,
    `${counts.failed} failed`,
    rate === null ? '' : `${Math.round(rate)} a second`,
    eta === null ? '' : `${Math.ceil(eta)} s to go`,
    `${lines} lines followed`,
  ];
  const line = parts.filter((part) => part !== '').join(', ');
  process.stdout.write(process.stdout.isTTY ? `\r${line}\u001b[K` : `${line}\n`);
}

async function demo(url: string, folder: string): Promise<boolean> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: process.env.SLUICE_MASTER_KEY ?? 'any' });
  const input = join(folder, 'prompts.jsonl');
  await writeFile(input, makePrompts(PROMPTS).join(''));
  const receiver = await webhookReceiver();
  try {
    const endpoint = await client.webhooks.create({
      name: 'demo',
      url: receiver.url,
      event_types: ['batch.completed'],
    });
    const file = await client.files.create({ file: createReadStream(input), purpose: 'batch' });
    say(`${PROMPTS} prompts about a book, uploaded as ${file.id} (${file.bytes} bytes).`);
    const batch = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    say(`${batch.id} is accepted, and will end whatever happens to this connection. Its progress:\n`);
    await follow(url, batch.id);

    const { body, headers } = await receiver.delivery;
    const event = await client.webhooks.unwrap(body, headers, endpoint.signing_secret);
    say(`A webhook, signed and verified: ${event.type} for ${'id' in event.data ? event.data.id : ''}.`);

    const ended = await client.batches.retrieve(batch.id);
    const output = await (await client.files.content(ended.output_file_id ?? '')).text();
    const results = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const ids = new Set(results.map(({ custom_id }) => custom_id));
    say(`${ended.output_file_id} has ${results.length} results for ${ids.size} prompts. The first:\n`);
    console.log(`  ${results[0].custom_id}: ${results[0].response.body.choices[0].message.content}`);
    return results.length === PROMPTS && ids.size === PROMPTS && ended.status === 'completed';
  } finally {
    receiver.close();
  }
}

say('Starting Sluice: API, worker, feeder and a Redis of its own in a temporary folder.');
// The receiver is on this machine, where webhooks do not go unless they are told that they may.
await withOwnSluice(demo, { SLUICE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1' });
