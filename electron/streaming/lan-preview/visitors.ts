import type { Socket } from 'node:net';
import type { LanLimits, LanRefusal, LanStats } from '../../../shared/contract/lan-preview';
import type { LocalNetwork } from './local-network';
import { sourceOf } from './local-network';

/** Everybody at the door: how many connections and viewers there are, of whom, what they got, and who was turned away. */
export class Visitors {
  readonly #limits: LanLimits;
  readonly #network: Pick<LocalNetwork, 'has'>;
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Tally();
  readonly #viewers = new Tally();
  readonly #refused: Partial<Record<LanRefusal, number>> = {};
  #pastBytes = 0;

  constructor(limits: LanLimits, network: Pick<LocalNetwork, 'has'>) {
    this.#limits = limits;
    this.#network = network;
  }

  get stats(): LanStats {
    const now = [...this.#sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0);
    return { viewers: this.#viewers.total, bytesSent: this.#pastBytes + now, refused: { ...this.#refused } };
  }

  /** Counts it until it closes; one too many, or from elsewhere, is cut off without a word. @returns whether it may stay */
  connected(socket: Socket): boolean {
    const { connections, connectionsPerAddress } = this.#limits;
    const address = socket.remoteAddress;
    if (address === undefined || !this.#network.has(address)) return this.#cutOff(socket, 'foreign');
    const leave = this.#connections.enter(sourceOf(address), connections, connectionsPerAddress);
    if (!leave) return this.#cutOff(socket, 'limit');
    this.#sockets.add(socket);
    socket.once('close', () => {
      leave();
      this.#sockets.delete(socket);
      this.#pastBytes += socket.bytesWritten;
    });
    return true;
  }

  /** @returns how to leave again; null: there are too many viewers, in all or from there */
  watch(address: string): (() => void) | null {
    const { viewers, viewersPerAddress } = this.#limits;
    const leave = this.#viewers.enter(sourceOf(address), viewers, viewersPerAddress);
    if (!leave) this.refuse('limit');
    return leave;
  }

  refuse(kind: LanRefusal): void {
    this.#refused[kind] = (this.#refused[kind] ?? 0) + 1;
  }

  /** Ends every connection. */
  sendAway(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #cutOff(socket: Socket, kind: LanRefusal): false {
    socket.destroy();
    this.refuse(kind);
    return false;
  }
}

/** How many there are, in all and of each source. */
class Tally {
  readonly #counts = new Map<string, number>();
  total = 0;

  enter(source: string, most: number, mostOfSource: number): (() => void) | null {
    const present = this.#counts.get(source) ?? 0;
    if (this.total >= most || present >= mostOfSource) return null;
    this.total++;
    this.#counts.set(source, present + 1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.total--;
      const left = (this.#counts.get(source) ?? 1) - 1;
      if (left > 0) this.#counts.set(source, left);
      else this.#counts.delete(source);
    };
  }
}
