/** Bytes that arrive in chunks of any size and are read in pieces of a size that is known: each is joined at most once. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The first bytes, which stay here; a view where they came in one chunk. @returns null while there are fewer */
  peek(count: number): Uint8Array | null {
    if (this.#length < count) return null;
    const [first] = this.#chunks;
    if (!first || first.length >= count) return first?.subarray(0, count) ?? new Uint8Array(0);
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [joined];
    return joined.subarray(0, count);
  }

  /** The first bytes, which are gone from here. @returns null while there are fewer */
  take(count: number): Uint8Array | null {
    const bytes = this.peek(count);
    if (!bytes) return null;
    const rest = this.#chunks[0]?.subarray(count);
    if (rest && rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
    this.#length -= count;
    return bytes;
  }
}
