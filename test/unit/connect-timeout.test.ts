import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { HttpClient } from '../../src/providers/transport/http-client.ts';
import { collect, deployment, openaiOver, providerCall, userRequest } from '../support/provider-calls.ts';

/** Accepts nothing once it is stopped: the kernel completes two connections for it, and lets others wait. */
const SERVER = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;

let server: ChildProcess;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.kill('SIGKILL');
  if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
});

/** The port of a server that is there, and that nobody can connect to any more. */
async function deafPort(): Promise<number> {
  server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!server.stdout) throw new Error('The server has no output.');
  const [line] = await once(server.stdout, 'data');
  const port = Number(line);
  server.kill('SIGSTOP');
  for (let count = 0; count < 2; count += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    sockets.push(socket);
    await once(socket, 'connect');
  }
  return port;
}

it('an address that does not answer is given up after the connect timeout', async () => {
  const http = new HttpClient({ connectTimeout: 100 });
  const place = deployment({ apiBase: `http://127.0.0.1:${await deafPort()}/v1` });
  const { deltas, error } = await collect(
    openaiOver(http).stream(userRequest('hi'), providerCall({ deployment: place })),
  );
  expect(error).toMatchObject({ code: 'upstream_unreachable', retryable: true });
  expect((error as Error).message).toContain('UND_ERR_CONNECT_TIMEOUT');
  expect(deltas).toEqual([]);
  await http.close();
});
