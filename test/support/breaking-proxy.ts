import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before a server, and breaks the connection off. */
export interface BreakingProxy {
  readonly url: string;
  /** How many answers broke off. */
  readonly broken: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Passes everything on, but for the first answers to such paths, so many: those break off after one byte. */
export async function startBreakingProxy(
  target: string,
  { path, times }: { path: RegExp; times: number },
): Promise<BreakingProxy> {
  let broken = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming;
    const passed = request(new URL(url, target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (broken >= times || !path.test(url)) {
        answer.pipe(outgoing);
        return;
      }
      broken += 1;
      outgoing.write('{', () => outgoing.destroy());
      answer.resume();
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get broken() {
      return broken;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
