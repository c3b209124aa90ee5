/**
 * Express in front of Sluice: a question becomes a job, and its answer streams through to the browser. The browser's own
 * EventSource reconnects and says what it had last (Last-Event-ID), so a connection that breaks loses nothing.
 *
 *   npm start                                     Sluice, in another terminal
 *   SLUICE_BASE_URL=http://127.0.0.1:4000 node --conditions=sluice-source examples/express/server.ts
 *
 * Then open http://127.0.0.1:3000. SLUICE_API_KEY is the server's key, where it has one; PORT and MODEL can be set.
 */
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type NextFunction, type Request, type Response } from 'express';
import { APIError, Sluice } from 'sluice';

const model = process.env.MODEL ?? 'scripted/lorem?delay_ms=50';
const sluice = new Sluice();
const app = express();

app.get('/', (_request, response) => response.sendFile(join(import.meta.dirname, 'page.html')));

app.post('/questions', express.json(), async (request, response) => {
  const job = await sluice.jobs.submit({
    body: { model, messages: [{ role: 'user', content: String(request.body.question) }] },
  });
  response.status(202).json({ answer: `/answers/${job.id}` });
});

app.get('/answers/:id', async (request, response) => {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const events = await sluice.jobs.events(request.params.id, {
    lastEventId: request.get('Last-Event-ID') ?? null,
    signal: gone.signal,
  });
  // 204 when there is nothing more to come: it tells an EventSource to stop.
  response.status(events.status).set('Cache-Control', 'no-cache, no-transform');
  if (events.body === null) {
    response.end();
    return;
  }
  response.type('text/event-stream').flushHeaders();
  // A browser that leaves is no error.
  await pipeline(Readable.fromWeb(events.body), response).catch(() => {});
});

app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
  if (response.headersSent || !(error instanceof APIError)) return next(error);
  response.status(error.status ?? 502).json({ error: { message: error.message, code: error.code } });
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
