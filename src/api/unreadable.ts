import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { SluiceError } from '../core/errors.ts';
import { newRequestId } from './request-id.ts';

/** Node.js's own note of the response that a socket is busy with. */
interface Busy {
  readonly _httpMessage?: { readonly headersSent: boolean } | null;
}

/** Answers what is no HTTP request, or too large or too slow to be one, in the shape of every other error. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // The rest of a request whose answer is on its way.
  if (socket.writableEnded) return;
  const busy = (socket as Busy)._httpMessage;
  if (!socket.writable || error.code === 'ECONNRESET' || busy?.headersSent) {
    socket.destroy();
    return;
  }
  const refusal = refusalOf(error.code);
  const body = JSON.stringify({ error: refusal.body });
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${newRequestId()}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function refusalOf(code: string | undefined): SluiceError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': {
      const message = `The URL and the headers are larger than the limit of ${maxHeaderSize} bytes.`;
      return new SluiceError('request_too_large', message, { status: 431 });
    }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new SluiceError('request_too_large', 'The chunk extensions of the request body are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new SluiceError('invalid_value', 'The request did not arrive in time.', { status: 408 });
    default:
      return new SluiceError('invalid_value', 'This is not a valid HTTP request.');
  }
}
