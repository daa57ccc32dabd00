/** Opus in Ogg (RFC 7845), packet by packet, with what its beginning and each packet say (RFC 6716 section 3.1). */
import { OggReader } from './ogg-reader';

export interface OpusFormat {
  readonly channels: number;
  /** samples at 48 kHz that come out before the first that went in */
  readonly preSkip: number;
  /** the identification header, OpusHead (RFC 7845 section 5.1) */
  readonly head: Uint8Array;
}

export class OpusReader {
  readonly #ogg: OggReader;
  #format: OpusFormat | undefined;
  #hasTags = false;

  /** @param onPacket gets each audio packet, in memory of its own, with its length in samples at 48 kHz */
  constructor(onPacket: (packet: Uint8Array, samples: number, format: OpusFormat) => void) {
    this.#ogg = new OggReader((packet) => {
      if (!this.#format) this.#format = readOpusHead(packet);
      else if (!this.#hasTags) this.#hasTags = isTags(packet);
      else onPacket(packet, opusSamples(packet), this.#format);
    });
  }

  /** @throws RangeError when the bytes are not Opus in Ogg */
  push(chunk: Uint8Array): void {
    this.#ogg.push(chunk);
  }
}

const textAt = (bytes: Uint8Array, length: number): string =>
  String.fromCharCode(...bytes.subarray(0, length));

function isTags(packet: Uint8Array): boolean {
  if (textAt(packet, 8) !== 'OpusTags') throw new RangeError('expected OpusTags');
  return true;
}

/** @throws RangeError when it is no OpusHead of a version that can be read */
export function readOpusHead(head: Uint8Array): OpusFormat {
  // Section 5.1: the upper four bits of the version stay 0 as long as it can be read so.
  if (head.length < 19 || textAt(head, 8) !== 'OpusHead' || head[8]! >= 16)
    throw new RangeError('expected an OpusHead of 19 bytes or more');
  return { channels: head[9]!, preSkip: head[10]! | (head[11]! << 8), head };
}

/** RFC 6716 table 2: of the frames of each configuration, samples at 48 kHz */
const frameSamples = (config: number): number => {
  if (config >= 16) return 120 << (config & 3);
  return config >= 12 ? 480 << (config & 1) : ([480, 960, 1920, 2880] as const)[config & 3]!;
};

/** How long a packet sounds. @throws RangeError when it has no frames */
function opusSamples(packet: Uint8Array): number {
  const [toc, second] = packet;
  if (toc === undefined) throw new RangeError('an Opus packet without bytes');
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (second ?? 0) & 0x3f;
  if (frames === 0) throw new RangeError('an Opus packet without frames');
  return frames * frameSamples(toc >>> 3);
}
