import { describe, expect, it } from 'vitest';
import { WebhookTargets } from '../../src/notices/webhook-targets.ts';

const ADDRESSES: Record<string, readonly string[]> = {
  'public.test': ['93.184.215.14'],
  'private.test': ['10.0.0.1'],
  'mixed.test': ['93.184.215.14', '127.0.0.1'],
};

async function resolve(host: string): Promise<readonly string[]> {
  const code = host === 'later.test' ? 'EAI_AGAIN' : 'ENOTFOUND';
  return ADDRESSES[host] ?? Promise.reject(Object.assign(new Error(code), { code }));
}

function check(url: string, hosts: readonly string[] = []): Promise<void> {
  return new WebhookTargets(hosts, resolve).check(url, 'webhook');
}

describe('the URL of a webhook', () => {
  it.each(['https://public.test/hook?token=s3cret', 'https://93.184.215.14/', 'https://later.test/'])(
    'may be %s',
    (url) => expect(check(url)).resolves.toBeUndefined(),
  );

  it.each([
    ['hook', 'absolute https URL'],
    [`https://public.test/${'a'.repeat(2048)}`, 'at most 2048'],
    ['ftp://public.test/', 'https://'],
    ['http://public.test/', 'https://'],
    ['http://later.test/', 'https://'],
    ['https://user:s3cret@public.test/', 'a user or a password'],
    ['https://private.test/?token=s3cret', 'public internet'],
    ['https://mixed.test/', 'public internet'],
    ['https://0x7f.1/', 'public internet'],
    ['https://[::ffff:10.0.0.1]/', 'public internet'],
    ['https://missing.test/', 'does not exist'],
  ])('is refused as %s', async (url, why) => {
    const error = await check(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'invalid_value',
      param: 'webhook',
      message: expect.stringContaining(why),
    });
    expect(String(error)).not.toContain('s3cret');
  });

  it.each([
    ['http://private.test/', 'private.test'],
    ['http://private.test/', '10.0.0.0/8'],
    ['http://127.0.0.1:8080/', '127.0.0.1'],
  ])('may be %s where %s is allowed', (url, host) => expect(check(url, [host])).resolves.toBeUndefined());
});
