/** Samples that were written to an encoder and may be needed once more, oldest first; interleaved 32-bit floats. */
export class SampleHistory {
  readonly #channels: number;
  readonly #maxSamples: number;
  #blocks: { readonly start: number; readonly count: number; readonly data: Buffer }[] = [];

  constructor(channels: number, maxSamples: number) {
    this.#channels = channels;
    this.#maxSamples = maxSamples;
  }

  /** first sample that is still here; undefined when empty */
  get start(): number | undefined {
    return this.#blocks[0]?.start;
  }

  /** @param start position of the first sample; follows the last block without a gap */
  append(start: number, data: Buffer): void {
    const count = data.length / (4 * this.#channels);
    this.#blocks.push({ start, count, data });
    this.forgetBefore(start + count - this.#maxSamples);
  }

  forgetBefore(sample: number): void {
    const keep = this.#blocks.findIndex((block) => block.start + block.count > sample);
    if (keep > 0) this.#blocks.splice(0, keep);
    else if (keep < 0) this.#blocks = [];
  }

  clear(): void {
    this.#blocks = [];
  }

  /** what is kept from `sample` on, as views */
  *from(sample: number): Generator<Buffer> {
    for (const { start, count, data } of this.#blocks) {
      if (start + count <= sample) continue;
      yield data.subarray(Math.max(0, sample - start) * 4 * this.#channels);
    }
  }
}
