import type { Answer } from './api-client.ts';

/** A part of a form: text, or a file with its name. */
export type FormPart = readonly [
  name: string,
  value: string | { readonly name: string; readonly content: string },
];

/** Sends a form whose parts are in this order, as a client that writes it by itself. */
export async function sendForm(url: string, parts: readonly FormPart[]): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([value.content]), value.name);
  }
  const response = await fetch(url, { method: 'POST', body: form });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const BOUNDARY = 'boundary-of-the-test';

/** The bytes of a request with a form, for those that no client would send. `form`: what stands for its body. */
export function rawForm(url: string, form: string, headers: Readonly<Record<string, string>> = {}): string {
  const { pathname, host } = new URL(url);
  const all = {
    Host: host,
    Connection: 'close',
    'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
    'Content-Length': String(Buffer.byteLength(form)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${pathname} HTTP/1.1`, ...lines, '', form].join('\r\n');
}

/** A part as it is on the wire, with whatever headers it has besides its disposition. */
export function rawPart(disposition: string, content: string, ...headers: string[]): string {
  const lines = [`--${BOUNDARY}`, `Content-Disposition: form-data; ${disposition}`, ...headers, '', content];
  return `${lines.join('\r\n')}\r\n`;
}

/** What a form ends with. */
export const LAST_BOUNDARY = `--${BOUNDARY}--\r\n`;
