/** most memory for a clip that is kept decoded */
const maxBytes = 32 * 2 ** 20;

/**
 * A short clip kept as it was decoded, so that looping it costs a copy a picture instead of a process a pass. Filled by
 * one whole pass; a clip that turns out longer than its header said is given up.
 */
export class PassCache {
  #pictureChunks: Buffer[] = [];
  #soundChunks: Buffer[] = [];
  #bytes = 0;
  #isGivenUp = false;
  #pictures = Buffer.alloc(0);
  #sound = Buffer.alloc(0);

  /** @param pictureBytes per second @param soundBytes per second */
  static fits(durationSec: number | null, pictureBytes: number, soundBytes: number): boolean {
    return durationSec !== null && durationSec * (pictureBytes + soundBytes) <= maxBytes;
  }

  /** null: it did not fit */
  get pictures(): Buffer | null {
    return this.#isGivenUp ? null : this.#pictures;
  }

  get sound(): Buffer {
    return this.#sound;
  }

  /** @param bytes copied: they are the pipe's own */
  addPictures(bytes: Buffer): void {
    if (!this.#isGivenUp) this.#add(this.#pictureChunks, Buffer.from(bytes));
  }

  addSound(bytes: Buffer): void {
    this.#add(this.#soundChunks, bytes);
  }

  /** The pass is whole. */
  close(): void {
    this.#pictures = Buffer.concat(this.#pictureChunks);
    this.#sound = Buffer.concat(this.#soundChunks);
    this.#pictureChunks = [];
    this.#soundChunks = [];
  }

  #add(chunks: Buffer[], bytes: Buffer): void {
    this.#bytes += bytes.length;
    // Headers round durations: a little more than announced is still the same clip.
    if (this.#bytes > maxBytes * 1.25) {
      this.#isGivenUp = true;
      this.#pictureChunks = [];
      this.#soundChunks = [];
    }
    if (!this.#isGivenUp) chunks.push(bytes);
  }
}
