const firstSeconds = 4;
const mostSeconds = 30;
const rate = 48_000;

/** Floats may only be read in place at multiples of four; else the bytes are copied. (A Buffer's `slice` would not.) */
function floatsOf(bytes: Uint8Array, offset: number, count: number): Float32Array {
  const start = bytes.byteOffset + offset;
  return start % 4 === 0
    ? new Float32Array(bytes.buffer, start, count)
    : new Float32Array(bytes.buffer.slice(start, start + count * 4));
}

/**
 * Decoded sound, interleaved stereo, addressed by its sample number since the decoder's start. Writing and reading
 * share nothing but these numbers: what comes too late is skipped, what is missing is silence, so that sound and
 * picture can never slide apart. It grows when a file's sound runs far ahead of its pictures, up to 30 s.
 */
export class SampleRing {
  #samples = new Float32Array(firstSeconds * rate * 2);
  /** sample numbers: [#readEnd, #written) can be read */
  #written = 0;
  #readEnd = 0;
  /** bytes of an incomplete sample from the last chunk */
  readonly #rest = new Uint8Array(8);
  #restLength = 0;
  #overflow = 0;

  /** samples received */
  get written(): number {
    return this.#written;
  }

  /** samples received and not yet read */
  get ahead(): number {
    return Math.max(0, this.#written - this.#readEnd);
  }

  /** samples by which the reader is beyond everything received */
  get behind(): number {
    return Math.max(0, this.#readEnd - this.#written);
  }

  /** samples that were overwritten before they were read: silent */
  get overflow(): number {
    return this.#overflow;
  }

  /** Takes bytes of f32le stereo as a pipe cuts them, at any boundary. */
  write(chunk: Uint8Array): void {
    let from = 0;
    if (this.#restLength > 0) {
      from = Math.min(8 - this.#restLength, chunk.length);
      this.#rest.set(chunk.subarray(0, from), this.#restLength);
      this.#restLength += from;
      if (this.#restLength < 8) return;
      this.#append(this.#rest, 0, 1);
      this.#restLength = 0;
    }
    const whole = (chunk.length - from) >> 3;
    if (whole > 0) this.#append(chunk, from, whole);
    const left = chunk.subarray(from + whole * 8);
    this.#rest.set(left);
    this.#restLength = left.length;
  }

  /** Goes on at this sample: cuts off what lies beyond it, or fills up to it with silence. */
  moveTo(sample: number): void {
    this.#restLength = 0;
    if (sample > this.#written)
      this.#append(new Uint8Array((sample - this.#written) * 8), 0, sample - this.#written);
    this.#written = sample;
  }

  /** What comes next belongs to this sample; only for what the reader has passed already. */
  skip(samples: number): void {
    this.#restLength = 0;
    this.#written += Math.min(samples, this.behind);
  }

  /**
   * Writes the samples [first, first + target.length / 2) into `target`, silence where there are none (yet). What lies
   * before them is forgotten.
   */
  read(first: number, target: Float32Array): void {
    const length = target.length / 2;
    const capacity = this.#samples.length / 2;
    const oldest = Math.max(0, this.#written - capacity);
    const from = Math.min(Math.max(first, oldest), first + length);
    const to = Math.max(from, Math.min(first + length, this.#written));
    target.fill(0, 0, (from - first) * 2);
    for (let at = from; at < to;) {
      const place = at % capacity;
      const count = Math.min(to - at, capacity - place);
      target.set(this.#samples.subarray(place * 2, (place + count) * 2), (at - first) * 2);
      at += count;
    }
    target.fill(0, (to - first) * 2);
    this.#readEnd = Math.max(this.#readEnd, first + length);
  }

  #append(bytes: Uint8Array, offset: number, count: number): void {
    const floats = floatsOf(bytes, offset, count * 2);
    const needed = Math.max(0, this.#written - this.#readEnd) + count;
    if (needed * 2 > this.#samples.length) this.#grow(needed);
    const capacity = this.#samples.length / 2;
    // Full beyond all measure: the oldest unread sound gives way, and the rest keeps its place in time.
    this.#overflow += Math.max(0, needed - capacity);
    for (let done = 0; done < count;) {
      const place = (this.#written + done) % capacity;
      const part = Math.min(count - done, capacity - place);
      this.#samples.set(floats.subarray(done * 2, (done + part) * 2), place * 2);
      done += part;
    }
    this.#written += count;
  }

  #grow(needed: number): void {
    const before = this.#samples.length / 2;
    const capacity = Math.min(mostSeconds * rate, Math.max(before * 2, needed));
    if (capacity <= before) return;
    const grown = new Float32Array(capacity * 2);
    for (let at = Math.max(0, this.#written - before); at < this.#written; at += 1) {
      grown[(at % capacity) * 2] = this.#samples[(at % before) * 2] ?? 0;
      grown[(at % capacity) * 2 + 1] = this.#samples[(at % before) * 2 + 1] ?? 0;
    }
    this.#samples = grown;
  }
}
