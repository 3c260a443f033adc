import { BlockList, isIP, isIPv6 } from 'node:net';

/** What is no public host: loopback, private, link-local, shared, multicast, reserved, documentation, translated. */
const NOT_PUBLIC = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/96', '::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23'],
  ...['2001:db8::/32', '2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

/** The addresses of networks in CIDR notation; a bare address is a network of one. What is neither is left out. */
function listOf(networks: readonly string[]): (address: string) => boolean {
  // Each family has a list of its own: a list of both would take an IPv4 address for its mapped form.
  const lists = { 4: new BlockList(), 6: new BlockList() };
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    if (isIP(address) === 0) continue;
    const [family, name, whole] = isIPv6(address) ? ([6, 'ipv6', 128] as const) : ([4, 'ipv4', 32] as const);
    const length = bits === undefined ? whole : Number(bits);
    if (Number.isInteger(length) && length >= 0 && length <= whole) lists[family].addSubnet(address, length, name);
  }
  return (address) =>
    isIPv6(address) ? lists[6].check(address, 'ipv6') : isIP(address) === 4 && lists[4].check(address, 'ipv4');
}

const isNotPublic = listOf(NOT_PUBLIC);

/** Names that stand for this machine, or for what only machines of its network should ask. */
const INSIDE = [/^localhost$/, /\.localhost$/, /^metadata/, /^kubernetes/, /\.internal$/, /\.local$/];

/** Where outgoing requests may go (contract: background §6.3). */
export class Destinations {
  readonly #names: ReadonlySet<string>;
  readonly #isAllowed: (address: string) => boolean;

  /** @param allowed host names, addresses and networks that may be asked although they are not public (SSRF_ALLOWED_HOSTS) */
  constructor(allowed: readonly string[]) {
    this.#names = new Set(allowed.map((name) => name.toLowerCase()));
    this.#isAllowed = listOf(allowed);
  }

  /** Whether a host's addresses are not looked at: it was named in the configuration. */
  isExempt(host: string): boolean {
    return this.#names.has(plain(host));
  }

  /** Whether a name may be asked for at all. */
  mayResolve(host: string): boolean {
    const name = plain(host);
    return this.#names.has(name) || !INSIDE.some((pattern) => pattern.test(name));
  }

  mayConnect(address: string): boolean {
    return !isNotPublic(address) || this.#isAllowed(address);
  }
}

/** A name with a dot at its end is the same name. */
const plain = (host: string): string => host.toLowerCase().replace(/\.$/, '');
