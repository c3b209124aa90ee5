/**
 * What the benchmark measures Sluice against: Express and the package resumable-stream, which call the
 * upstream inside the request. No queue, and nothing kept once the stream has ended. Logs as Sluice does, a
 * line when a completion begins and one when it ends.
 */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express from 'express';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { createResumableStreamContext } from 'resumable-stream/ioredis';
import { Agent, request as httpRequest } from 'undici';

const [redisUrl = '', upstream = ''] = process.argv.slice(2);
const logger = pino();
const agent = new Agent({ connections: 1024, pipelining: 1, allowH2: false, keepAliveTimeout: 60_000 });
const streams = createResumableStreamContext({
  waitUntil: () => {},
  publisher: new Redis(redisUrl),
  subscriber: new Redis(redisUrl),
});

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
  const text = (Readable.toWeb(body) as ReadableStream<Uint8Array>).pipeThrough(
    new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
  );
  const stream = await streams.createNewResumableStream(id, () => text);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  if (stream) await pipeline(Readable.fromWeb(stream as never), response);
  logger.info({ id }, 'ended');
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
process.stdin.on('end', () => process.exit()).resume();
