import { describe, expect, it } from 'vitest';
import { publicOr } from '../../src/outbound/allowed-hosts.ts';
import { literalAddress } from '../../src/outbound/public-address.ts';

const FORBIDDEN = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://0x7f000001/',
  'http://2130706433/',
  'http://0177.0.0.1/',
  'http://127.0.0.1./',
  'http://0.0.0.0/',
  'http://10.1.2.3/',
  'http://172.16.0.1/',
  'http://192.168.0.1/',
  'http://169.254.169.254/',
  'http://100.64.0.1/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[fe80::1]/',
  'http://[fd00:ec2::254]/',
];

function permits(allowed: readonly string[], url: string): boolean {
  const address = literalAddress(new URL(url));
  return address !== null && publicOr(allowed)(address, address);
}

describe('the addresses that may be called', () => {
  it.each(FORBIDDEN)('do not include %s', (url) => {
    expect(literalAddress(new URL(url))).not.toBeNull();
    expect(permits([], url)).toBe(false);
  });

  it.each(['http://93.184.215.14/', 'http://[2606:2800:21f::1]/'])('include %s', (url) => {
    expect(permits([], url)).toBe(true);
  });

  it.each([
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3.4.invalid/', false],
    ['10.0.0.0/8', 'http://192.168.0.1/', false],
    ['127.0.0.1', 'http://[::ffff:127.0.0.1]/', true],
    ['127.0.0.1', 'http://127.0.0.2/', false],
    ['fd00::/8', 'http://[fd00::1]/', true],
  ])('where %s is allowed: %s is %s', (host, url, expected) => {
    expect(permits([host], url)).toBe(expected);
  });

  it('include what an allowed name resolves to, and no other name', () => {
    expect(publicOr(['Hooks.internal'])('10.0.0.1', 'hooks.internal')).toBe(true);
    expect(publicOr(['hooks.internal'])('10.0.0.1', 'evil.hooks.internal')).toBe(false);
  });
});
