/** Reads Ogg (RFC 3533) with one logical stream as it arrives, and takes the packets out of it. */
import { ByteQueue } from './byte-queue';

const pageHeaderBytes = 27;
const continuedFlag = 0x01;
/** a page's segments hold no more (section 6) */
const maxPacketBytes = 255 * 255;

export class OggReader {
  readonly #onPacket: (packet: Uint8Array) => void;
  readonly #bytes = new ByteQueue();
  /** parts of a packet that goes on in the next page */
  #open: Uint8Array[] = [];
  #openBytes = 0;
  #serial: number | undefined;
  #sequence = -1;

  /** @param onPacket gets each packet in memory of its own */
  constructor(onPacket: (packet: Uint8Array) => void) {
    this.#onPacket = onPacket;
  }

  /** @throws RangeError when the bytes are not Ogg, a page is damaged or missing, or a packet larger than a page can be */
  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
    for (;;) {
      const head = this.#bytes.peek(pageHeaderBytes);
      if (!head) return;
      if (head[0] !== 0x4f || head[1] !== 0x67 || head[2] !== 0x67 || head[3] !== 0x53 || head[4] !== 0)
        throw new RangeError('expected an Ogg page of version 0');
      const tableEnd = pageHeaderBytes + head[26]!;
      const table = this.#bytes.peek(tableEnd)?.subarray(pageHeaderBytes);
      if (!table) return;
      const page = this.#bytes.take(tableEnd + table.reduce((sum, size) => sum + size, 0));
      if (!page) return;
      this.#readPage(page, table.slice());
    }
  }

  /** Section 6. @param table the sizes of its segments */
  #readPage(page: Uint8Array, table: Uint8Array): void {
    const view = new DataView(page.buffer, page.byteOffset, page.length);
    if (view.getUint32(22, true) !== pageCrc(page)) throw new RangeError('an Ogg page with another checksum');
    this.#follow(view.getUint32(14, true), view.getUint32(18, true));
    const isContinued = (page[5]! & continuedFlag) !== 0;
    if (isContinued !== this.#open.length > 0)
      throw new RangeError('an Ogg page that does not go on where the one before it ended');
    let at = pageHeaderBytes + table.length;
    for (const size of table) {
      this.#open.push(page.subarray(at, at + size));
      this.#openBytes += size;
      at += size;
      if (this.#openBytes > maxPacketBytes)
        throw new RangeError(`an Ogg packet of more than ${maxPacketBytes} bytes`);
      // A packet ends with the first segment that is not full.
      if (size < 255) this.#close();
    }
  }

  #follow(serial: number, sequence: number): void {
    this.#serial ??= serial;
    if (serial !== this.#serial) throw new RangeError('several streams in one Ogg file');
    if (this.#sequence >= 0 && sequence !== this.#sequence + 1)
      throw new RangeError(`Ogg page ${sequence} after page ${this.#sequence}`);
    this.#sequence = sequence;
  }

  #close(): void {
    const packet = new Uint8Array(this.#openBytes);
    let at = 0;
    for (const part of this.#open) {
      packet.set(part, at);
      at += part.length;
    }
    this.#open = [];
    this.#openBytes = 0;
    this.#onPacket(packet);
  }
}

/** Polynomial 0x04c11db7, from 0, not reflected (section 6, field 6). */
const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let rest = index << 24;
  for (let bit = 0; bit < 8; bit++) rest = rest < 0 ? (rest << 1) ^ 0x04c11db7 : rest << 1;
  return rest >>> 0;
});

/** Over the whole page, its own four bytes counted as 0. */
function pageCrc(page: Uint8Array): number {
  let crc = 0;
  for (let at = 0; at < page.length; at++) {
    const byte = at >= 22 && at < 26 ? 0 : page[at]!;
    crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ byte]!;
  }
  return crc >>> 0;
}
