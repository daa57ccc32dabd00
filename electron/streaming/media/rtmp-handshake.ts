/** The client's side of the RTMP handshake (RTMP 1.0 §5.2), fed with bytes as they come. */

/** C1, C2, S1 and S2 have one size, §5.2.3 */
export const handshakeBytes = 1536;
/** random bytes in C1: after the time and four zero bytes */
export const handshakeRandomBytes = handshakeBytes - 8;
const protocolVersion = 3;

export interface HandshakeStep {
  /** to be sent now; empty when there is nothing */
  readonly reply: Uint8Array;
  /** what follows the handshake, already chunks; empty until it is done */
  readonly rest: Uint8Array;
}

const nothing = new Uint8Array(0);

/** Sends C0 and C1 at once, C2 on S1 (§5.2.1), and is done with S2. */
export class ClientHandshake {
  /** C0 + C1, to be sent first */
  readonly hello: Uint8Array;
  readonly #answer = Buffer.alloc(1 + 2 * handshakeBytes);
  #filled = 0;
  #isDone = false;

  /** @param random 1528 bytes that tell this connection from others (they need not be secret) */
  constructor(random: Uint8Array) {
    if (random.length !== handshakeRandomBytes)
      throw new RangeError(`RTMP handshake: ${random.length} random bytes, expected ${handshakeRandomBytes}`);
    const hello = Buffer.alloc(1 + handshakeBytes);
    hello[0] = protocolVersion;
    // §5.2.3: time (our epoch, 0) and four zero bytes; other values there ask for Adobe's digest handshake.
    hello.set(random, 9);
    this.hello = hello;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** @throws RangeError when the peer does not speak RTMP 3 */
  push(bytes: Uint8Array): HandshakeStep {
    if (this.#isDone) return { reply: nothing, rest: bytes };
    const before = this.#filled;
    const taken = Math.min(bytes.length, this.#answer.length - before);
    this.#answer.set(bytes.subarray(0, taken), before);
    this.#filled += taken;
    if (before === 0 && taken > 0 && this.#answer[0] !== protocolVersion)
      throw new RangeError(`RTMP handshake: version ${this.#answer[0]}, expected ${protocolVersion}`);
    this.#isDone = this.#filled === this.#answer.length;
    const hasS1 = 1 + handshakeBytes;
    // §5.2.4: C2 echoes S1. What S2 echoes is not checked: servers in the field send all sorts of things there.
    const reply =
      before < hasS1 && this.#filled >= hasS1 ? Buffer.from(this.#answer.subarray(1, hasS1)) : nothing;
    return { reply, rest: this.#isDone ? bytes.subarray(taken) : nothing };
  }
}
