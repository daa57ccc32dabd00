/** Longer headers are none. */
const maxHeaderBytes = 1024;
const frameMark = Buffer.from('FRAME\n');

export interface Y4mFormat {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/**
 * Reads YUV4MPEG2 as FFmpeg writes it (4:2:0, no frame parameters) from pieces of any length: raw pictures whose size
 * and rate come with them, for inputs that decide them themselves.
 */
export class Y4mReader {
  readonly #onFormat: (format: Y4mFormat) => void;
  readonly #onBytes: (bytes: Uint8Array) => void;
  #header = Buffer.alloc(0);
  #hasFormat = false;
  #pictureBytes = 0;
  /** bytes of the present frame's mark already seen, then bytes of its picture still to come */
  #markAt = 0;
  #left = 0;

  /**
   * @param onFormat once, before any picture
   * @param onBytes of pictures one after the other, tightly packed I420
   */
  constructor(onFormat: (format: Y4mFormat) => void, onBytes: (bytes: Uint8Array) => void) {
    this.#onFormat = onFormat;
    this.#onBytes = onBytes;
  }

  /** @throws Error for what is no such stream */
  write(bytes: Uint8Array): void {
    let at = this.#hasFormat ? 0 : this.#readHeader(bytes);
    while (at < bytes.length) {
      if (this.#left === 0) {
        if (bytes[at] !== frameMark[this.#markAt]) throw new Error('expected the mark of a picture');
        at += 1;
        this.#markAt += 1;
        if (this.#markAt < frameMark.length) continue;
        this.#markAt = 0;
        this.#left = this.#pictureBytes;
      }
      const length = Math.min(this.#left, bytes.length - at);
      if (length > 0) this.#onBytes(bytes.subarray(at, at + length));
      this.#left -= length;
      at += length;
    }
  }

  /** @returns how many of these bytes belong to the header */
  #readHeader(bytes: Uint8Array): number {
    const end = bytes.indexOf(10);
    const taken = end < 0 ? bytes.length : end + 1;
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, taken)]);
    if (this.#header.length > maxHeaderBytes) throw new Error('expected a header of YUV4MPEG2');
    if (end < 0) return taken;
    const [, width, height, rate, base] =
      /^YUV4MPEG2 W(\d+) H(\d+) F(\d+):(\d+)/.exec(this.#header.toString('latin1')) ?? [];
    const format = { width: Number(width), height: Number(height), fps: Number(rate) / Number(base) };
    if (!(format.width > 0 && format.height > 0 && format.fps > 0))
      throw new Error('expected a header of YUV4MPEG2');
    this.#pictureBytes = format.width * format.height * 1.5;
    this.#hasFormat = true;
    this.#onFormat(format);
    return taken;
  }
}
