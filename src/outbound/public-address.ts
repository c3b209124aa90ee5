import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Whether an IP address may be called on behalf of a client, who named this host. */
export type AddressRule = (address: string, hostname: string) => boolean;

/** IPv6 addresses that once stood for IPv4 ones (RFC 4291, 2.5.5.1): ipaddr.js takes them for public ones. */
const IPV4_COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');
/** Where virtual machines of Azure reach their host, which looks like any public address. */
const AZURE_HOST = '168.63.129.16';

/**
 * True for an address of the public internet: not this machine, not a private or link-local network (where clouds
 * keep credentials), nor one of the IPv6 ranges that stand for any of these.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast' || parsed.toString() === AZURE_HOST) return false;
  return parsed.kind() === 'ipv4' || !parsed.match(IPV4_COMPATIBLE);
}

/** A name resolved to an address that must not be called. */
export class ForbiddenAddress extends Error {}

/**
 * The IP address that a URL names instead of a host, in its usual spelling: `http://0x7f.1` names 127.0.0.1. Sockets do
 * not resolve such an address, so that {@link guardedLookup} never sees it. Null for the name of a host.
 */
export function literalAddress(url: URL): string | null {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : host;
}

/**
 * A resolver for sockets that refuses a name as soon as one of its addresses breaks the rule. The addresses that
 * are checked are those that are called: a name cannot resolve to others in between.
 */
export function guardedLookup(allowed: AddressRule): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, []);
      if (addresses.length === 0 || !addresses.every(({ address }) => allowed(address, hostname))) {
        return callback(new ForbiddenAddress(`${hostname} is not a public address.`), []);
      }
      const [first] = addresses;
      if (options.all || !first) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
