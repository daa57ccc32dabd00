import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** What goes wrong with what is sent, once so many bytes of a connection have passed. */
export interface LineFault {
  readonly afterBytes: number;
  /** `stall`: nothing more passes, and nothing is said; `reset`: the connection is; a number: bytes a second that still pass */
  readonly then: 'stall' | 'reset' | number;
}

/** how often a slow line lets something pass, ms */
const stepMs = 50;

/** A real TCP line to a server that breaks down on the way there: with full buffers, and back pressure up to the sender. */
export class FaultyLine implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #fault: LineFault;
  readonly #port: number;
  connections = 0;

  /** @param port of the server behind it */
  constructor(port: number, fault: LineFault) {
    this.#port = port;
    this.#fault = fault;
    this.#server = createServer((socket) => this.#carry(socket));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #carry(near: Socket): void {
    this.connections++;
    const far = connect(this.#port, '127.0.0.1');
    const { afterBytes, then } = this.#fault;
    let passed = 0;
    let slow: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearInterval(slow);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    far.pipe(near);
    near.on('data', (bytes) => {
      passed += bytes.length;
      far.write(bytes);
      if (passed < afterBytes || slow) return;
      if (then === 'reset') near.resetAndDestroy();
      else {
        near.pause().removeAllListeners('data');
        if (then === 'stall') return;
        slow = setInterval(() => {
          const some = near.read(Math.ceil((then * stepMs) / 1000)) as Buffer | null;
          if (some) far.write(some);
        }, stepMs);
      }
    });
  }
}
