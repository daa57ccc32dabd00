/** The bits of one NAL unit, most significant first. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #partial = 0;
  #bits = 0;

  fixed(value: number, count: number): this {
    for (let bit = count - 1; bit >= 0; bit--) {
      this.#partial = (this.#partial << 1) | ((value >>> bit) & 1);
      if (++this.#bits < 8) continue;
      this.#bytes.push(this.#partial);
      this.#partial = 0;
      this.#bits = 0;
    }
    return this;
  }

  /** Exp-Golomb (9.1); 0 is the same signed and unsigned */
  ue(value: number): this {
    const length = 32 - Math.clz32(value + 1);
    return this.fixed(0, length - 1).fixed(value + 1, length);
  }

  /** Closes it (7.3.2.11) and keeps start codes out of it (7.4.1). */
  unit(type: number, referenceIdc: number): Uint8Array {
    this.fixed(1, 1);
    while (this.#bits > 0) this.fixed(0, 1);
    const unit = [(referenceIdc << 5) | type];
    let zeros = 0;
    for (const byte of this.#bytes) {
      if (zeros >= 2 && byte <= 3) {
        unit.push(3);
        zeros = 0;
      }
      unit.push(byte);
      zeros = byte === 0 ? zeros + 1 : 0;
    }
    return Uint8Array.from(unit);
  }
}
