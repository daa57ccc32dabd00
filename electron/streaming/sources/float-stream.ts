/** Puts samples of f32le stereo together from pieces that a pipe cut anywhere. */
export class FloatStream {
  readonly #onSamples: (samples: Float32Array) => void;
  readonly #rest = new Uint8Array(8);
  #restLength = 0;

  /** @param onSamples interleaved stereo, whole frames; valid until it returns */
  constructor(onSamples: (samples: Float32Array) => void) {
    this.#onSamples = onSamples;
  }

  write(bytes: Uint8Array): void {
    const whole = (this.#restLength + bytes.length) & ~7;
    if (whole === 0) {
      this.#rest.set(bytes, this.#restLength);
      this.#restLength += bytes.length;
      return;
    }
    const taken = whole - this.#restLength;
    const aligned = new Uint8Array(whole);
    aligned.set(this.#rest.subarray(0, this.#restLength));
    aligned.set(bytes.subarray(0, taken), this.#restLength);
    this.#restLength = bytes.length - taken;
    this.#rest.set(bytes.subarray(taken));
    this.#onSamples(new Float32Array(aligned.buffer));
  }
}
