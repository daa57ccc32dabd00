import { handshakeBytes, handshakeRandomBytes } from '../media/rtmp-handshake';

const protocolVersion = 3;
const nothing = Buffer.alloc(0);

/**
 * The server's side of the RTMP handshake (RTMP 1.0 §5.2). Adobe's digest form is not offered (S1 carries a zero version,
 * which tells clients so): FFmpeg, OBS and librtmp do not need it.
 */
export class ServerHandshake {
  readonly #random: Uint8Array;
  readonly #c1 = Buffer.alloc(handshakeBytes);
  #received = 0;

  /** @param random 1528 bytes for S1 */
  constructor(random: Uint8Array) {
    if (random.length !== handshakeRandomBytes)
      throw new RangeError(`RTMP handshake: ${random.length} random bytes, expected ${handshakeRandomBytes}`);
    this.#random = random;
  }

  /** C0, C1 and C2 have all arrived */
  get isDone(): boolean {
    return this.#received === 1 + 2 * handshakeBytes;
  }

  /**
   * @returns what to send now (S0 S1 S2, once C1 is complete) and what follows C2
   * @throws RangeError on the first byte when it is not version 3: HTTP and garbage end here
   */
  push(bytes: Buffer): { reply: Buffer; rest: Buffer } {
    let at = 0;
    if (this.#received === 0 && bytes.length > 0) {
      // §5.2.2. A TLS hello starts with 22, HTTP with a letter.
      if (bytes[0] !== protocolVersion) throw new RangeError(`RTMP handshake: version ${bytes[0]}`);
      this.#received = at = 1;
    }
    const c1Left = 1 + handshakeBytes - this.#received;
    let reply: Buffer = nothing;
    if (c1Left > 0) {
      const taken = Math.min(c1Left, bytes.length - at);
      bytes.copy(this.#c1, this.#received - 1, at, at + taken);
      this.#received += taken;
      at += taken;
      if (taken === c1Left) reply = this.#answer();
    }
    // §5.2.4: C2 echoes S1. What it says is not checked: clients in the field send all sorts of things there.
    const c2 = Math.min(1 + 2 * handshakeBytes - this.#received, bytes.length - at);
    this.#received += c2;
    return { reply, rest: bytes.subarray(at + c2) };
  }

  /** S0, S1 (§5.2.3: time 0, zero, random) and S2 (the echo of C1). */
  #answer(): Buffer {
    return Buffer.concat([Buffer.of(protocolVersion), Buffer.alloc(8), this.#random, this.#c1]);
  }
}
