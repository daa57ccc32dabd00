import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

/** one end of a TCP connection, as node:net names it */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * Bytes that the kernel holds for this connection, unsent or unacknowledged; null where that cannot be read. Linux
 * tells it in /proc/net/tcp[6] as tx_queue (proc(5)); the kernel's buffer hides up to seconds of video from Node.
 * Read synchronously: the table never waits for a disk, and a trip through the thread pool costs more than the reading.
 */
export function readUnsentBytes(socket: Socket): number | null {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (process.platform !== 'linux') return null;
  if (!localAddress || !localPort || !remoteAddress || !remotePort) return null;
  const table = localAddress.includes(':') ? '/proc/self/net/tcp6' : '/proc/self/net/tcp';
  try {
    return findTxQueue(
      readTable(table),
      { address: localAddress, port: localPort },
      { address: remoteAddress, port: remotePort },
    );
  } catch {
    return null;
  }
}

/**
 * The kernel walks all its sockets for each reading: connections that measure at the same moment share one. It may not be
 * older than that, or what was sent since would count as arrived.
 */
const tableAgeMs = 5;
const tables = new Map<string, { text: string; atMs: number }>();

function readTable(path: string): string {
  const nowMs = performance.now();
  const present = tables.get(path);
  if (present && nowMs - present.atMs < tableAgeMs) return present.text;
  const text = readFileSync(path, 'latin1');
  tables.set(path, { text, atMs: nowMs });
  return text;
}

/** One line a socket: `sl local_address:PORT rem_address:PORT st tx_queue:rx_queue …`, all hexadecimal. */
export function findTxQueue(table: string, local: Endpoint, remote: Endpoint): number | null {
  const line = new RegExp(
    `^ *\\d+: ${inTable(local)} ${inTable(remote)} [0-9A-F]{2} ([0-9A-F]{8}):`,
    'm',
  ).exec(table);
  return line ? parseInt(line[1]!, 16) : null;
}

/** Addresses stand there as 32-bit words in the machine's own byte order. @throws RangeError for a name */
function inTable({ address, port }: Endpoint): string {
  const bytes = address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address);
  if (endianness() === 'LE') bytes.swap32();
  return `${bytes.toString('hex').toUpperCase()}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

const ipv4Bytes = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

/** RFC 4291 §2.2, without the zone */
function ipv6Bytes(address: string): Buffer {
  const [plain = ''] = address.split('%');
  const dotted = /[^:]*\.[^:]*$/.exec(plain)?.[0];
  const groups = dotted === undefined ? plain : plain.replace(dotted, groupsOf(ipv4Bytes(dotted)));
  const [head = [], tail = []] = groups.split('::').map((half) => half.split(':').filter(Boolean));
  const missing = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return Buffer.from([...head, ...missing, ...tail].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
const groupsOf = (bytes: Buffer): string => `${bytes.toString('hex', 0, 2)}:${bytes.toString('hex', 2, 4)}`;
