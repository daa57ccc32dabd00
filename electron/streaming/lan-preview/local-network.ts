import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';
import type { OwnAddress } from '../../../shared/contract/lan-preview';

type Interfaces = Readonly<Partial<Record<string, readonly NetworkInterfaceInfo[]>>>;

/** IPv4 that came to an IPv6 socket is IPv4, and which interface a link-local address is of does not matter. */
export const plainAddress = (address: string): string =>
  address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');

/** Whoever has one IPv6 address has its 2⁶⁴ neighbours, too (RFC 4291 2.5.1): they count as one. */
export function sourceOf(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [
    ...before,
    ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'),
    ...after,
  ];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** Private networks (RFC 1918, RFC 4193), links (RFC 3927, RFC 4291), providers' inner ones and VPNs (RFC 6598). */
const localRanges: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
];

const lookAgainMs = 5000;

/**
 * Who is in this computer's network: private addresses, and the public ones of its own links. On a computer with a public
 * address, a server say, the whole world could knock at the port otherwise.
 */
export class LocalNetwork {
  readonly #look: () => Interfaces;
  readonly #nowMs: () => number;
  #list = new BlockList();
  #lookedAtMs = -Infinity;

  constructor(look: () => Interfaces = networkInterfaces, nowMs: () => number = () => performance.now()) {
    this.#look = look;
    this.#nowMs = nowMs;
  }

  has(address: string | undefined): boolean {
    if (address === undefined) return false;
    const plain = plainAddress(address);
    if (this.#nowMs() - this.#lookedAtMs > lookAgainMs) this.#learn();
    return this.#list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  }

  #learn(): void {
    this.#lookedAtMs = this.#nowMs();
    this.#list = new BlockList();
    for (const range of localRanges) this.#list.addSubnet(...range);
    for (const { address, family, cidr } of Object.values(this.#look()).flatMap((all) => all ?? [])) {
      const bits = Number(cidr?.split('/')[1]);
      const kind = family === 'IPv6' ? 'ipv6' : 'ipv4';
      if (Number.isInteger(bits) && bits > 0) this.#list.addSubnet(plainAddress(address), bits, kind);
    }
  }
}

/** networks of containers and virtual machines: nobody else is in them */
const isVirtual = (name: string): boolean =>
  /^(docker|br-|veth|virbr|vmnet|vboxnet|lxc|cni|podman)/i.test(name);

/** This computer's addresses that others can type, the likeliest to work first: IPv4 before IPv6, real links before virtual. */
export function ownAddresses(interfaces: Interfaces = networkInterfaces()): OwnAddress[] {
  const found = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      // A link-local address needs a zone that no browser takes.
      .filter(({ internal, address }) => !internal && !/^(fe[89ab]|169\.254\.)/i.test(address))
      .map(({ address, family }) => ({
        own: { address, interface: name },
        rank: (isVirtual(name) ? 2 : 0) + (family === 'IPv6' ? 1 : 0),
      })),
  );
  return found.sort((one, other) => one.rank - other.rank).map(({ own }) => own);
}

/** `http://192.168.1.20:7790/` */
export const pageUrl = (address: string, port: number): string =>
  `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;
