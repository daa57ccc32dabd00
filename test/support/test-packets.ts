import { setTimeout as delay } from 'node:timers/promises';
import type {
  PacketReader,
  PacketSource,
  StreamUnit,
  VideoCodec,
} from '../../electron/streaming/interfaces/packet';

export interface TestReaderOptions {
  /** hand out packets at the pace of their timestamps instead of at once */
  readonly isPaced?: boolean;
  /** after the last unit: the program ends, or goes on without a further packet */
  readonly atEnd?: 'end' | 'wait';
  readonly videoCodec?: VideoCodec | null;
}

/** A reader over given units, without a queue: whoever reads sets the pace (or the clock does). */
export class TestPacketReader implements PacketReader {
  readonly #units: Iterator<StreamUnit>;
  readonly #options: TestReaderOptions;
  readonly #startedAt = performance.now();
  #firstUs: number | null = null;
  inFlightMs = 0;
  queuedMs = 0;
  droppedFrames = 0;
  isDisposed = false;
  readonly cutOff = new AbortController().signal;
  /** media time handed out */
  pulledMs = 0;
  pulledPackets = 0;
  maxInFlightMs = 0;

  constructor(units: Iterable<StreamUnit>, options: TestReaderOptions = {}) {
    this.#units = units[Symbol.iterator]();
    this.#options = options;
  }

  async next(signal: AbortSignal): Promise<StreamUnit | null> {
    signal.throwIfAborted();
    this.maxInFlightMs = Math.max(this.maxInFlightMs, this.inFlightMs);
    const step = this.#units.next();
    if (step.done) {
      if (this.#options.atEnd === 'end') return null;
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
      );
    }
    const unit = step.value;
    if (unit.kind === 'video' || unit.kind === 'audio') {
      this.#firstUs ??= unit.dtsUs;
      this.pulledMs = (unit.dtsUs - this.#firstUs) / 1000;
      this.pulledPackets++;
      const waitMs = this.#startedAt + this.pulledMs - performance.now();
      if (this.#options.isPaced && waitMs > 1) await delay(waitMs, undefined, { signal });
    }
    return unit;
  }

  get videoCodec(): VideoCodec | null {
    return this.#options.videoCodec ?? null;
  }

  poll(): undefined {
    return undefined;
  }

  [Symbol.dispose](): void {
    this.isDisposed = true;
  }
}

/** Hands every subscriber a fresh reader over the same units. */
export class TestPacketSource implements PacketSource {
  readonly readers: TestPacketReader[] = [];
  readonly subscriptions: Parameters<PacketSource['subscribe']>[0][] = [];
  readonly #units: () => Iterable<StreamUnit>;
  readonly #options: TestReaderOptions;

  constructor(units: () => Iterable<StreamUnit>, options: TestReaderOptions = {}) {
    this.#units = units;
    this.#options = options;
  }

  get videoCodec(): VideoCodec | null {
    return this.#options.videoCodec ?? null;
  }

  subscribe(options: Parameters<PacketSource['subscribe']>[0]): PacketReader {
    this.subscriptions.push(options);
    const reader = new TestPacketReader(this.#units(), this.#options);
    this.readers.push(reader);
    return reader;
  }
}
