import { BlockList, isIP, isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** Tells the address of whoever sent a request, behind proxies too. */
export type ClientAddress = (request: IncomingMessage) => string | null;

/**
 * @param trusted networks (CIDR) of proxies whose `X-Forwarded-For` is believed; undefined: every peer
 * @returns the nearest address that no trusted proxy bears; the peer's if what stands there is no address
 */
export function clientAddresses(trusted: readonly string[] | undefined): ClientAddress {
  const isTrusted = trusted === undefined ? () => true : membership(trusted);
  return (request) => {
    const peer = request.socket.remoteAddress ?? null;
    const forwarded = request.headers['x-forwarded-for'];
    if (forwarded === undefined || peer === null || !isTrusted(peer)) return peer;
    const hops = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded).split(',').map((hop) => hop.trim());
    const [first = peer] = hops;
    // Without a list everybody counts as a proxy, and the first hop is the client.
    const client = trusted === undefined ? first : (hops.reverse().find((hop) => !isTrusted(hop)) ?? first);
    return isAddress(client) ? client : peer;
  };
}

/** A zone (`%eth0`) means something to the host alone that wrote it, and could be of any length. */
const isAddress = (text: string): boolean => isIP(text) !== 0 && !text.includes('%');

function membership(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = network, bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
