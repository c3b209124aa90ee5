import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer as it came over the socket. Header names in lower case. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Opens a connection to a server. */
export async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/**
 * Sends bytes that need not be valid HTTP, and reads what comes back until the server closes the connection:
 * let a valid request ask for that (`Connection: close`).
 */
export async function rawHttp(url: string, request: string | Uint8Array): Promise<RawAnswer> {
  const socket = await connectTo(url);
  const parts: Buffer[] = [];
  socket.on('data', (bytes) => parts.push(bytes));
  socket.write(request);
  await once(socket, 'close');
  const text = Buffer.concat(parts).toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) throw new Error(`This is no answer: ${JSON.stringify(text)}`);
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: text.slice(end + 4),
  };
}
