import { request as httpRequest } from 'node:http';
import type { FuzzedRequest } from './request-arbitrary.ts';

/** An answer as far as it was read. */
export interface FuzzedAnswer {
  readonly status: number;
  readonly requestId: string | undefined;
  readonly type: string | null;
  readonly text: string;
}

/** Ms in which an answer has to be there. */
const PATIENCE = 10_000;

/** Sends a request with its path as it is, which `fetch` would tidy. `glance`: ms after which a stream has been read enough. */
export function send(
  base: string,
  method: string,
  request: FuzzedRequest,
  glance: number,
): Promise<FuzzedAnswer> {
  const { hostname, port } = new URL(base);
  const { path, headers, body } = request;
  const { promise, resolve, reject } = Promise.withResolvers<FuzzedAnswer>();
  const sent = httpRequest({ hostname, port, method, path, headers }, (response) => {
    let text = '';
    const done = (): void => {
      clearTimeout(timer);
      clearTimeout(enough);
      sent.destroy();
      const { 'x-request-id': requestId, 'content-type': type = null } = response.headers;
      resolve({ status: response.statusCode ?? 0, requestId: String(requestId), type, text });
    };
    const streams = response.headers['content-type']?.startsWith('text/event-stream');
    const enough = streams ? setTimeout(done, glance) : undefined;
    response.setEncoding('utf8');
    response.on('data', (piece: string) => {
      text += piece;
    });
    response.on('end', done);
    response.on('error', (error) => (streams ? done() : reject(error)));
  });
  const timer = setTimeout(() => sent.destroy(new Error(`no answer in ${PATIENCE} ms`)), PATIENCE);
  sent.on('error', (error) => {
    clearTimeout(timer);
    reject(error);
  });
  sent.end(body ?? undefined);
  return promise;
}
