import { describe, expect, it } from 'vitest';
import { signed } from '../../src/providers/bedrock/signature.ts';
import { expectedAuthorization } from '../support/aws-signature.ts';

const NOW = new Date('2026-02-03T04:05:06.789Z');
const KEYS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const BASE = 'https://bedrock-runtime.eu-central-1.amazonaws.com';
const JSON_TYPE = { 'content-type': 'application/json' };

async function sign(path: string, keys: Parameters<typeof signed>[1] = KEYS, origin = BASE) {
  const body = '{"messages":"Grüße"}';
  const url = new URL(path, origin);
  const headers = await signed({ url: url.href, headers: JSON_TYPE, body }, keys, 'eu-central-1', NOW);
  const received = { ...headers, host: url.host };
  const request = { method: 'POST', path: url.pathname + url.search, headers: received, body };
  return { headers, expected: expectedAuthorization(request, keys.accessKeyId, keys.secretAccessKey) };
}

describe('a signature for Bedrock', () => {
  it.each([
    '/model/anthropic.claude-v2/converse-stream',
    '/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse-stream',
    '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.amazon.nova-lite-v1%3A0/invoke',
    "/gateway/it's(a)path*!/model/a%20b/converse-stream",
    '/model/a/invoke?a=1%2F3&b=2',
  ])('is what AWS computes for %s', async (path) => {
    const { headers, expected } = await sign(path);
    expect(headers.authorization).toBe(expected);
    expect(headers['x-amz-date']).toBe('20260203T040506Z');
    expect(headers.authorization).toContain(
      'Credential=AKIAIOSFODNN7EXAMPLE/20260203/eu-central-1/bedrock/aws4_request, ' +
        'SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, ',
    );
  });

  it('covers the port of an address and the token of keys that were lent', async () => {
    const { headers, expected } = await sign(
      '/model/m/converse-stream',
      { ...KEYS, sessionToken: 'a+token/==' },
      'http://127.0.0.1:8080',
    );
    expect(headers['x-amz-security-token']).toBe('a+token/==');
    expect(headers.authorization).toContain(';x-amz-security-token, ');
    expect(headers.authorization).toBe(expected);
    expect(headers.host).toBeUndefined();
  });
});
