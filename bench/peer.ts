/**
 * What the benchmark measures Sluice against: Express and the package resumable-stream, which call the
 * upstream inside the request. No queue, and nothing kept once the stream has ended. Logs as Sluice does, a
 * line when a completion begins and one when it ends.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { createResumableStreamContext } from 'resumable-stream/ioredis';
import { Agent, request as httpRequest } from 'undici';

const [redisUrl = '', upstream = ''] = process.argv.slice(2);
const logger = pino(pino.destination({ fd: 1, sync: false, minLength: 8192, periodicFlush: 50 }));
const agent = new Agent({ connections: 1024, pipelining: 1, allowH2: false, keepAliveTimeout: 60_000 });
const streams = createResumableStreamContext({
  waitUntil: () => {},
  publisher: new Redis(redisUrl),
  subscriber: new Redis(redisUrl),
});

/** By hand: the conversions of Node's standard library cost several times as much. */
function textOf(body: AsyncIterable<Uint8Array>): ReadableStream<string> {
  const decoder = new TextDecoder();
  return new ReadableStream<string>({
    async start(controller) {
      for await (const bytes of body) controller.enqueue(decoder.decode(bytes, { stream: true }));
      controller.close();
    },
  });
}

const app = express();
app.use(express.json({ limit: '16mb' }));
app.post('/v1/chat/completions', async (request, response) => {
  const id = randomUUID();
  logger.info({ id }, 'began');
  const { body } = await httpRequest(`${upstream}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
    dispatcher: agent,
  });
  const stream = await streams.createNewResumableStream(id, () => textOf(body));
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  if (stream) for await (const text of stream) response.write(text);
  response.end();
  logger.info({ id }, 'ended');
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
process.stdin.on('end', () => process.exit()).resume();
