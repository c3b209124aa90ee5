/**
 * Hono in front of Sluice, in two ways: a route of its own that asks and streams plain text, and the relay, by which the hooks of
 * `sluice/react` (or any Sluice client in a browser) reach Sluice without its key.
 *
 *   npm start                                     Sluice, in another terminal
 *   SLUICE_BASE_URL=http://127.0.0.1:4000 node --conditions=sluice-source examples/hono/server.ts
 *   curl -N 'http://127.0.0.1:3000/haiku?about=rain'
 *
 * SLUICE_API_KEY is the server's key, where it has one; PORT and MODEL can be set.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { streamText } from 'hono/streaming';
import { Sluice } from 'sluice';
import { createRelay } from 'sluice/relay';

const model = process.env.MODEL ?? 'scripted/echo?delay_ms=50';
const sluice = new Sluice();
const app = new Hono();

app.get('/haiku', async (context) => {
  const about = context.req.query('about') ?? 'the sea';
  const chunks = await sluice.acompletion({
    model,
    messages: [{ role: 'user', content: `Write a haiku about ${about}.` }],
    stream: true,
    // A reader who leaves ends the job, and the call to the provider.
    signal: context.req.raw.signal,
  });
  return streamText(context, async (stream) => {
    for await (const chunk of chunks) await stream.write(chunk.choices[0]?.delta.content ?? '');
  });
});

const relay = createRelay({
  prefix: '/api/sluice',
  // Whoever may use the app may ask; here, whoever has its cookie.
  authorize: (request) => {
    if (request.headers.get('cookie')?.includes('visitor=')) return;
    const message = 'Open the app first: it gives you a cookie.';
    return Response.json(
      { error: { message, type: 'invalid_request_error', param: null, code: null } },
      { status: 401 },
    );
  },
});
app.all('/api/sluice/*', (context) => relay(context.req.raw));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`);
});
