/**
 * The upstream of the benchmark: an OpenAI-compatible server on loopback whose deltas say when they were
 * sent. The content of each is `<number>:<monotonic ns>`; the clock is one for all processes of a machine.
 *
 * The number of deltas and the pause between two (ms) are the request's `metadata`-free fields `max_tokens`
 * and `seed`, which every gateway passes on.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

interface Wanted {
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly seed?: number;
  readonly stream_options?: { readonly include_usage?: boolean };
}

const HEAD =
  '{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1,"model":"bench","choices":[';

async function answer(
  { max_tokens, max_completion_tokens, seed: pause = 0, stream_options }: Wanted,
  response: ServerResponse,
): Promise<void> {
  const deltas = max_tokens ?? max_completion_tokens ?? 20;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(
    `data: ${HEAD}{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n`,
  );
  for (let number = 0; number < deltas; number += 1) {
    if (pause > 0 && number > 0) await delay(pause);
    const content = `${number}:${process.hrtime.bigint()}`;
    response.write(`data: ${HEAD}{"index":0,"delta":{"content":"${content}"},"finish_reason":null}]}\n\n`);
  }
  response.write(`data: ${HEAD}{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n`);
  if (stream_options?.include_usage) {
    const usage = `{"prompt_tokens":9,"completion_tokens":${deltas},"total_tokens":${9 + deltas}}`;
    response.write(`data: ${HEAD}],"usage":${usage}}\n\n`);
  }
  response.end('data: [DONE]\n\n');
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (text: string) => {
    body += text;
  });
  request.on('end', () => {
    answer(JSON.parse(body) as Wanted, response).catch(() => response.destroy());
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
process.stdin.on('end', () => process.exit()).resume();
