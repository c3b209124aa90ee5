import ipaddr from 'ipaddr.js';
import { type AddressRule, isPublicAddress } from './public-address.ts';

/**
 * The rule that permits the public internet, and besides it the given hosts and networks: names as `hooks.internal`,
 * addresses as `10.0.0.7`, networks as `10.0.0.0/8`.
 */
export function publicOr(hosts: readonly string[]): AddressRule {
  const listed = listedIn(hosts);
  return (address, hostname) => isPublicAddress(address) || listed(address, hostname);
}

/** The rule that permits the given hosts and networks alone, written as in {@link publicOr}. */
export function listedIn(hosts: readonly string[]): AddressRule {
  const names = new Set(hosts.map((host) => host.toLowerCase()));
  const networks = hosts.flatMap(readNetwork);
  return (address, hostname) => {
    if (names.has(hostname.toLowerCase())) return true;
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return networks.some(
      ([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits),
    );
  };
}

function readNetwork(host: string): [ipaddr.IPv4 | ipaddr.IPv6, number][] {
  if (ipaddr.isValidCIDR(host)) return [ipaddr.parseCIDR(host)];
  if (!ipaddr.isValid(host)) return [];
  const address = ipaddr.process(host);
  return [[address, address.kind() === 'ipv4' ? 32 : 128]];
}
