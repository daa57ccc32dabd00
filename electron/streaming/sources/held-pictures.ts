/** most memory for pictures that wait for their time */
const maxBytes = 128 * 2 ** 20;

export interface HeldPicture {
  /** of the stream, from 0 */
  readonly index: number;
  /** valid until `drop` */
  readonly bytes: Uint8Array;
}

/** Raw pictures that came before their time, in order. Bounded: who writes is held back. */
export class HeldPictures {
  readonly capacity: number;
  readonly #pictureBytes: number;
  readonly #free: Buffer[] = [];
  readonly #held: { index: number; bytes: Buffer }[] = [];
  #filling: Buffer | null = null;
  #fill = 0;
  #complete = 0;

  /** @param wanted pictures that shall find room; at least three do, and no more than memory allows */
  constructor(pictureBytes: number, wanted: number) {
    this.#pictureBytes = pictureBytes;
    this.capacity = Math.max(3, Math.min(Math.ceil(wanted), Math.floor(maxBytes / pictureBytes)));
  }

  /** pictures received, also those that are gone */
  get complete(): number {
    return this.#complete;
  }

  /** the oldest */
  get first(): HeldPicture | null {
    return this.#held[0] ?? null;
  }

  /** Takes bytes cut at any boundary. @returns how many were taken: fewer when it is full */
  write(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length) {
      if (!this.#filling) {
        if (this.#held.length >= this.capacity) return taken;
        this.#filling = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#pictureBytes);
      }
      const length = Math.min(bytes.length - taken, this.#pictureBytes - this.#fill);
      this.#filling.set(bytes.subarray(taken, taken + length), this.#fill);
      taken += length;
      this.#fill += length;
      if (this.#fill < this.#pictureBytes) break;
      this.#held.push({ index: this.#complete, bytes: this.#filling });
      this.#complete += 1;
      this.#filling = null;
      this.#fill = 0;
    }
    return taken;
  }

  /** Forgets the oldest. */
  drop(): void {
    const picture = this.#held.shift();
    if (picture) this.#free.push(picture.bytes);
  }

  /** Forgets all that wait. */
  clear(): void {
    while (this.#held.length > 0) this.drop();
  }
}
