import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { decodeEvents, type IncomingEvent } from '../../src/core/sse.ts';

/** A client that asks for an event stream and then takes nothing from its socket. */
export class StalledReader {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(url: string): Promise<StalledReader> {
    const { hostname, port, pathname, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.pause();
    socket.on('error', () => {});
    await once(socket, 'connect');
    // Version 1.0 gets the body as it is, not in chunks.
    socket.write(`GET ${pathname} HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
    return new StalledReader(socket);
  }

  /** Takes what is still to be had after all, to the end of the connection: the whole events in it. */
  async drain(): Promise<IncomingEvent[]> {
    const parts: Buffer[] = [];
    this.#socket.on('data', (bytes) => parts.push(bytes));
    this.#socket.resume();
    await once(this.#socket, 'close');
    const answer = Buffer.concat(parts).toString('utf8');
    const events: IncomingEvent[] = [];
    decodeEvents({ onEvent: (event) => events.push(event) }).feed(
      answer.slice(answer.indexOf('\r\n\r\n') + 4),
    );
    return events;
  }

  close(): void {
    this.#socket.destroy();
  }
}
