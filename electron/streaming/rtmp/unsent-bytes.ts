import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * Bytes that the kernel holds for this connection, unsent or unacknowledged; null where that cannot be read. Linux
 * tells it in /proc/net/tcp[6] as tx_queue (proc(5)); the kernel's buffer hides up to seconds of video from Node.
 * Read synchronously: the table never waits for a disk, and a trip through the thread pool costs more than the reading.
 */
export function readUnsentBytes(
  socket: Pick<Socket, 'localAddress' | 'localPort' | 'remotePort'>,
): number | null {
  const { localAddress, localPort, remotePort } = socket;
  if (process.platform !== 'linux' || localPort === undefined || remotePort === undefined) return null;
  const table = localAddress?.includes(':') ? '/proc/self/net/tcp6' : '/proc/self/net/tcp';
  try {
    return findTxQueue(readTable(table), localPort, remotePort);
  } catch {
    return null;
  }
}

/** the kernel walks all its sockets for each reading: connections that measure at the same time share one */
const tableAgeMs = 100;
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
export function findTxQueue(table: string, localPort: number, remotePort: number): number | null {
  const port = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0');
  const line = new RegExp(
    `^ *\\d+: [0-9A-F]+:${port(localPort)} [0-9A-F]+:${port(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):`,
    'm',
  ).exec(table);
  return line ? parseInt(line[1]!, 16) : null;
}
