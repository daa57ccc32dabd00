/** Reads FLV (Adobe Flash Video File Format Specification 10.1, annex E) as it arrives, in chunks of any size. */

export interface FlvTag {
  readonly type: 'audio' | 'video' | 'script';
  /** 31 bits of milliseconds; wraps after 24.8 days */
  readonly timestampMs: number;
  /** a view into what was pushed (or into one joined copy, when the tag came in several chunks) */
  readonly data: Uint8Array;
}

const fileHeaderBytes = 9;
const tagHeaderBytes = 11;
const previousTagSizeBytes = 4;
const tagTypes: Readonly<Record<number, FlvTag['type']>> = { 8: 'audio', 9: 'video', 18: 'script' };

export class FlvReader {
  readonly #onTag: (tag: FlvTag) => void;
  readonly #maxTagBytes: number;
  #chunks: Uint8Array[] = [];
  #available = 0;
  /** nothing can be read before this many bytes are there, so nothing is joined before either */
  #needed = fileHeaderBytes + previousTagSizeBytes;
  #hasHeader = false;

  constructor(onTag: (tag: FlvTag) => void, maxTagBytes = 8 * 1024 * 1024) {
    this.#onTag = onTag;
    this.#maxTagBytes = maxTagBytes;
  }

  /** @throws RangeError when the bytes are not FLV or a tag is larger than allowed */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    if (this.#available < this.#needed) return;

    const bytes = this.#join();
    let at = 0;
    if (!this.#hasHeader) at = this.#readFileHeader(bytes);
    for (;;) {
      const size = this.#tagBytes(bytes, at);
      this.#needed = size;
      if (bytes.length - at < size) break;
      if (size === tagHeaderBytes) continue;
      this.#readTag(bytes.subarray(at, at + size));
      at += size;
    }
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#available = bytes.length - at;
  }

  #join(): Uint8Array {
    const [first] = this.#chunks;
    if (first && this.#chunks.length === 1) return first;
    const bytes = new Uint8Array(this.#available);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  /** E.2: 'FLV', version 1, flags, header size; then PreviousTagSize0 */
  #readFileHeader(bytes: Uint8Array): number {
    if (bytes[0] !== 0x46 || bytes[1] !== 0x4c || bytes[2] !== 0x56 || bytes[3] !== 1)
      throw new RangeError('expected an FLV version 1 header');
    this.#hasHeader = true;
    return fileHeaderBytes + previousTagSizeBytes;
  }

  /** Size of the tag at `at` with its PreviousTagSize, or just a header's while that is not complete. */
  #tagBytes(bytes: Uint8Array, at: number): number {
    if (bytes.length - at < tagHeaderBytes) return tagHeaderBytes;
    const dataBytes = uint24(bytes, at + 1);
    if (dataBytes > this.#maxTagBytes)
      throw new RangeError(`FLV tag of ${dataBytes} bytes, at most ${this.#maxTagBytes} allowed`);
    return tagHeaderBytes + dataBytes + previousTagSizeBytes;
  }

  /** E.4.1 */
  #readTag(tag: Uint8Array): void {
    const type = tagTypes[tag[0]! & 0x1f];
    if (!type) throw new RangeError(`unknown FLV tag type ${tag[0]}`);
    this.#onTag({
      type,
      // TimestampExtended holds the upper bits
      timestampMs: uint24(tag, 4) | ((tag[7]! & 0x7f) << 24),
      data: tag.subarray(tagHeaderBytes, tag.length - previousTagSizeBytes),
    });
  }
}

export interface AvcTag {
  readonly kind: 'config' | 'picture' | 'end';
  readonly isKeyframe: boolean;
  /** pts − dts, milliseconds, signed */
  readonly compositionMs: number;
  /** AVCDecoderConfigurationRecord, or NAL units with 4-byte lengths */
  readonly data: Uint8Array;
}

const avcPacketKinds = ['config', 'picture', 'end'] as const;

/**
 * The body of a video tag with AVC in it (E.4.3.1).
 * @throws RangeError for another codec or a cut-off tag
 */
export function readAvcTag(data: Uint8Array): AvcTag {
  const kind = avcPacketKinds[data[1] ?? -1];
  if (data.length < 5 || !kind || (data[0]! & 0x0f) !== 7)
    throw new RangeError('expected an AVC video tag of 5 bytes or more');
  return {
    kind,
    isKeyframe: data[0]! >>> 4 === 1,
    compositionMs: (uint24(data, 2) << 8) >> 8,
    data: data.subarray(5),
  };
}

const uint24 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
