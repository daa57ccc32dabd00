import type { PacketReader, PacketSource, StreamUnit, VideoCodec } from '../interfaces/packet';

/**
 * Subscribes when the first unit is asked for. While an output is still connecting nothing queues up for it, so a
 * destination that cannot be reached counts no dropped frames, and one that can begins with what is new.
 */
export class LazyReader implements PacketReader {
  readonly #source: PacketSource;
  readonly #options: Parameters<PacketSource['subscribe']>[0];
  #reader: PacketReader | undefined;
  #isDisposed = false;
  readonly #cutOff = new AbortController();
  #inFlightMs = 0;

  constructor(source: PacketSource, options: Parameters<PacketSource['subscribe']>[0]) {
    this.#source = source;
    this.#options = options;
  }

  next(signal: AbortSignal): Promise<StreamUnit | null> {
    return this.#open()?.next(signal) ?? Promise.resolve(null);
  }

  /** only what is there for a reader that has begun */
  poll(): StreamUnit | undefined {
    return this.#reader?.poll();
  }

  get videoCodec(): VideoCodec | null {
    return this.#source.videoCodec;
  }
  get queuedMs(): number {
    return this.#reader?.queuedMs ?? 0;
  }
  get droppedFrames(): number {
    return this.#reader?.droppedFrames ?? 0;
  }
  get cutOff(): AbortSignal {
    return this.#cutOff.signal;
  }
  get inFlightMs(): number {
    return this.#inFlightMs;
  }
  set inFlightMs(value: number) {
    this.#inFlightMs = value;
    if (this.#reader) this.#reader.inFlightMs = value;
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#reader?.[Symbol.dispose]();
  }

  /** undefined once disposed: nobody is subscribed any more */
  #open(): PacketReader | undefined {
    if (!this.#reader && !this.#isDisposed) {
      this.#reader = this.#source.subscribe(this.#options);
      this.#reader.cutOff.addEventListener('abort', () => this.#cutOff.abort(), { once: true });
      this.#reader.inFlightMs = this.#inFlightMs;
    }
    return this.#reader;
  }
}
