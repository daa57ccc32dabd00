import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import type { TestCertificate } from './certificates';

/** What stunnel does: takes TLS connections and hands what is said in them on to a server that speaks none. */
export class TlsFront {
  /** the names that clients have asked for (SNI); null: for none */
  readonly names: (string | null)[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(certificate: TestCertificate, behind: number) {
    this.#server = createServer(certificate, (front) => this.#pass(front, connect(behind, '127.0.0.1')));
  }

  /** @param behind port of the server that it stands for */
  static async start(certificate: TestCertificate, behind: number): Promise<TlsFront> {
    const front = new TlsFront(certificate, behind);
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #pass(front: TLSSocket, back: Socket): void {
    this.names.push(typeof front.servername === 'string' ? front.servername : null);
    for (const [socket, other] of [
      [front, back],
      [back, front],
    ] as const) {
      this.#sockets.add(socket);
      // What was said before still goes out.
      socket.on('error', () => other.end());
      socket.once('close', () => other.end());
      socket.pipe(other);
    }
  }
}
