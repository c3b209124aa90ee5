import { createHash, createHmac } from 'node:crypto';

/** One request, as a server gets it. */
export interface SignedRequest {
  readonly method: string;
  /** As it stands in the request's first line. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** RFC 3986, as AWS wants it: nothing but letters, digits and `-._~` stays what it is. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The signature that AWS expects of a request, after "Create a signed AWS API request" of its IAM user guide,
 * step by step, for the headers that the request's own `authorization` names.
 */
export function expectedAuthorization(request: SignedRequest, accessKeyId: string, secret: string): string {
  const { method, path, headers, body } = request;
  const given = /Credential=[^/]+\/(?<scope>[^,]+), ?SignedHeaders=(?<names>[^,]+)/.exec(
    String(headers.authorization),
  );
  const { scope = '', names = '' } = given?.groups ?? {};
  const [day = '', region = '', service = ''] = scope.split('/');

  // 1: the canonical request. Of services other than S3, each part of the path is encoded twice.
  const [pathname = '', query = ''] = path.split('?');
  const canonical = [
    method,
    pathname.split('/').map(encode).join('/'),
    query,
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/\s+/g, ' ')}`),
    '',
    names,
    hash(body),
  ].join('\n');
  // 2 and 3: its hash, and the string to sign.
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash(canonical)].join('\n');
  // 4: the signature.
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request');
  const signature = hmac(key, toSign).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}
