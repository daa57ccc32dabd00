import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type {
  Fanout,
  IngestErrorKind,
  IngestLimits,
  IngestStats,
  KeyDirectory,
} from '../../../shared/contract/rtmp-server';
import type { ActiveStream } from '../../../shared/contract/snapshot';
import { Connection } from './connection';
import type { ConnectionHost } from './connection';
import { Gatekeeper } from './gatekeeper';
import { LiveStreams } from './live-streams';
import { QueueBudget } from './player-queue';

/** places kept for the engine's own program when all others are taken, for callers from this machine only */
const reservedConnections = 2;
/** how often deadlines are looked at */
const sweepMs = 100;

export interface IngestOptions {
  readonly limits: IngestLimits;
  readonly keys: KeyDirectory;
  readonly onFault: (reason: string) => void;
}

/** All connections of the RTMP server process, and its listening socket. */
export class Ingest {
  readonly #limits: IngestLimits;
  readonly #gatekeeper: Gatekeeper;
  readonly #streams = new LiveStreams();
  readonly #connections = new Set<Connection>();
  readonly #host: ConnectionHost;
  readonly #errors = new Map<IngestErrorKind, number>();
  readonly #sweeper: NodeJS.Timeout;
  #fanout: Fanout[] = [];
  #server: Server | null = null;
  #accepted = 0;
  /** bytes of connections that are over */
  #pastBytesIn = 0;
  #pastBytesOut = 0;

  constructor(options: IngestOptions) {
    this.#limits = options.limits;
    this.#gatekeeper = new Gatekeeper(options.keys, options.limits);
    this.#host = {
      limits: options.limits,
      gatekeeper: this.#gatekeeper,
      streams: this.#streams,
      queueBudget: new QueueBudget(),
      randomBytes,
      count: (kind) => this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1),
      // The stack names places in the code, never what a peer sent; the message of an unforeseen error might.
      reportFault: (error) => options.onFault(describeFault(error)),
      onProgramPacket: (timestampMs) =>
        this.#fanout.push({ timestampMs, fanoutUs: Number(process.hrtime.bigint() / 1000n) }),
    };
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs);
  }

  /**
   * Listens at a new place, then stops listening at the old one; connections stay.
   * @returns where (port 0 becomes the one that was free)
   * @throws the system's error (EADDRINUSE …); the old place is kept then
   */
  async listen(host: string, port: number): Promise<AddressInfo> {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 });
    server.on('connection', (socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    // Later errors concern single accepts (out of descriptors): the listener goes on.
    server.on('error', () => undefined);
    this.#server?.close();
    this.#server = server;
    return server.address() as AddressInfo;
  }

  set keys(keys: KeyDirectory) {
    this.#gatekeeper.directory = keys;
    for (const connection of [...this.#connections]) connection.checkKey();
  }

  get stats(): IngestStats {
    let bytesIn = this.#pastBytesIn;
    let bytesOut = this.#pastBytesOut;
    for (const { socket } of this.#connections) {
      bytesIn += socket.bytesRead;
      bytesOut += socket.bytesWritten;
    }
    return {
      bytesIn,
      bytesOut,
      connections: this.#accepted,
      errors: Object.fromEntries(this.#errors),
      players: this.#streams.players,
      publishers: this.#streams.publishers,
    };
  }

  get activeStreams(): ActiveStream[] {
    return this.#streams.active();
  }

  /** what went out since the last call */
  takeFanout(): Fanout[] {
    const packets = this.#fanout;
    this.#fanout = [];
    return packets;
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#server?.close();
    for (const connection of [...this.#connections]) connection.destroy();
  }

  #accept(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress);
    this.#accepted++;
    const isLoopback = address === '::1' || address.startsWith('127.');
    const allowed = isLoopback
      ? this.#limits.connectionsPerLoopbackAddress
      : this.#limits.connectionsPerAddress;
    const ofAddress = [...this.#connections].filter((connection) => connection.address === address).length;
    const isFull = this.#connections.size >= this.#limits.connections || ofAddress >= allowed;
    const hasReserve =
      isLoopback &&
      this.#connections.size < this.#limits.connections + reservedConnections &&
      !this.#streams.hasProgram;
    if (isFull && !hasReserve) {
      this.#host.count('limit');
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, address, this.#host, isFull);
    this.#connections.add(connection);
    socket.once('close', () => {
      this.#connections.delete(connection);
      this.#pastBytesIn += socket.bytesRead;
      this.#pastBytesOut += socket.bytesWritten;
    });
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of [...this.#connections]) connection.sweep(now);
  }
}

/** An IPv4 caller of a dual-stack socket is the same caller. */
function plainAddress(address: string | undefined): string {
  return (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '');
}

function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const places = (error.stack ?? '').split('\n').filter((line) => line.trim().startsWith('at '));
  return [error.name, ...places.slice(0, 6).map((line) => line.trim())].join(' ');
}
