import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy that loses answers: the client's connection is cut when the first byte of one arrives. */
export interface ForgetfulProxy {
  readonly url: string;
  /** Answers lost so far. */
  readonly lost: number;
  /** Loses the next so many answers. */
  lose(count: number): void;
  stop(): Promise<void>;
}

/** Starts it on loopback, in front of an HTTP server. */
export async function startForgetfulProxy(target: string): Promise<ForgetfulProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let losing = 0;
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    upstream.on('data', (bytes) => {
      if (losing === 0) {
        client.write(bytes);
        return;
      }
      losing -= 1;
      lost += 1;
      client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get lost() {
      return lost;
    },
    lose: (count) => {
      losing = count;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
