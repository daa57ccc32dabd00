import type {
  AudioCodec,
  AudioConfig,
  PacketReader,
  PacketSource,
  StreamUnit,
  VideoCodec,
  VideoConfig,
} from '../interfaces/packet';
import { PacketQueue } from './packet-queue';

const defaultDropMs = 500;
const defaultFlushMs = 1000;
/** an encoder that makes no keyframes must not fill the memory */
const maxCachedUnits = 8192;

/**
 * Fans the one encode out to every output, by reference. Each reader has a queue of its own, so that a slow one costs
 * nobody else anything. Keeps the current GOP for readers that want a picture at once.
 */
export class PacketHub implements PacketSource {
  readonly #readers = new Set<HubReader>();
  readonly #codec: VideoCodec | null;
  #videoConfig: VideoConfig | undefined;
  /** of each codec there is sound in */
  readonly #audioConfigs = new Map<AudioCodec, AudioConfig>();
  /** from the newest keyframe on; empty before the first */
  #gop: StreamUnit[] = [];
  #hasEnded = false;
  /** for each picture that a reader takes: how long it lay in that reader's queue, milliseconds */
  onTaken: ((reader: string, waitedMs: number) => void) | undefined;

  /** @param codec of the pictures that are to come, where that is known before the first of them */
  constructor(codec: VideoCodec | null = null) {
    this.#codec = codec;
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  get videoCodec(): VideoCodec | null {
    return this.#videoConfig?.codec ?? this.#codec;
  }

  /** Next unit of the program; packets in decode order. */
  push(unit: StreamUnit): void {
    if (this.#hasEnded) return;
    // Only the rate is another: news for who begins now, nothing for who reads already.
    if (unit.kind === 'video-config' && isSameData(unit, this.#videoConfig)) {
      this.#videoConfig = unit;
      return;
    }
    if (unit.kind === 'video-config') this.#videoConfig = unit;
    else if (unit.kind === 'audio-config') this.#audioConfigs.set(unit.codec, unit);
    this.#cache(unit);
    for (const reader of this.#readers) reader.push(unit, this.#configs);
  }

  subscribe(options: Parameters<PacketSource['subscribe']>[0]): PacketReader {
    const {
      name,
      sound = 'aac',
      dropMs = defaultDropMs,
      flushMs = defaultFlushMs,
      limitMs = Infinity,
    } = options;
    const queue = new PacketQueue({ dropMs, flushMs }, (waitedMs) => this.onTaken?.(name, waitedMs));
    const reader = new HubReader({
      ...{ source: this, name, sound, limitMs, queue },
      onDispose: () => this.#readers.delete(reader),
    });
    if (options.from === 'cached' && this.#gop.length > 0) reader.begin(this.#configs, this.#gop);
    if (this.#hasEnded) reader.end();
    else this.#readers.add(reader);
    return reader;
  }

  /** The program is over: readers get what is queued for them, then null. */
  end(): void {
    this.#hasEnded = true;
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
    this.#gop = [];
  }

  get #configs(): StreamUnit[] {
    return [this.#videoConfig ?? [], ...this.#audioConfigs.values()].flat();
  }

  #cache(unit: StreamUnit): void {
    if (unit.kind === 'video' && unit.isKeyframe) this.#gop = [unit];
    else if (unit.kind === 'video-config' || this.#gop.length >= maxCachedUnits) this.#gop = [];
    else if (this.#gop.length > 0 && unit.kind !== 'audio-config') this.#gop.push(unit);
  }
}

const isSameData = (one: VideoConfig, other: VideoConfig | undefined): boolean =>
  other?.codec === one.codec && Buffer.compare(one.data, other.data) === 0;

interface Waiter {
  readonly resolve: (unit: StreamUnit | null) => void;
}

interface HubReaderOptions {
  readonly source: PacketSource;
  readonly name: string;
  readonly sound: AudioCodec;
  readonly queue: PacketQueue;
  readonly limitMs: number;
  readonly onDispose: () => void;
}

class HubReader implements PacketReader {
  readonly name: string;
  readonly #source: PacketSource;
  readonly #sound: AudioCodec;
  readonly #queue: PacketQueue;
  readonly #limitMs: number;
  readonly #cutOff = new AbortController();
  readonly #onDispose: () => void;
  #waiter: Waiter | undefined;
  #hasBegun = false;
  #hasEnded = false;

  constructor({ source, name, sound, queue, limitMs, onDispose }: HubReaderOptions) {
    this.#source = source;
    this.name = name;
    this.#sound = sound;
    this.#queue = queue;
    this.#limitMs = limitMs;
    this.#onDispose = onDispose;
  }

  get videoCodec(): VideoCodec | null {
    return this.#source.videoCodec;
  }

  get queuedMs(): number {
    return this.#queue.queuedMs;
  }

  get droppedFrames(): number {
    return this.#queue.droppedFrames;
  }

  get cutOff(): AbortSignal {
    return this.#cutOff.signal;
  }

  get inFlightMs(): number {
    return this.#queue.inFlightMs;
  }

  set inFlightMs(value: number) {
    this.#queue.inFlightMs = value;
  }

  begin(configs: readonly StreamUnit[], gop: readonly StreamUnit[]): void {
    this.#hasBegun = true;
    this.#queue.preload([...configs, ...gop].filter((unit) => this.#isWanted(unit)));
  }

  /** @param configs what a reader must know that begins with this unit */
  push(unit: StreamUnit, configs: readonly StreamUnit[]): void {
    if (!this.#isWanted(unit)) return;
    if (!this.#hasBegun) {
      if (unit.kind !== 'video' || !unit.isKeyframe) return;
      this.#hasBegun = true;
      for (const config of configs) if (this.#isWanted(config)) this.#queue.push(config);
    }
    this.#queue.push(unit);
    this.#serve();
    if (this.#queue.queuedMs <= this.#limitMs) return;
    this[Symbol.dispose]();
    this.#cutOff.abort();
  }

  end(): void {
    this.#hasEnded = true;
    this.#serve();
  }

  poll(): StreamUnit | undefined {
    return this.#queue.shift();
  }

  next(signal: AbortSignal): Promise<StreamUnit | null> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#waiter) return Promise.reject(new Error(`${this.name} already waits for its next packet`));
    const unit = this.#queue.shift();
    if (unit || this.#hasEnded) return Promise.resolve(unit ?? null);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiter = undefined;
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiter = {
        resolve: (value) => {
          signal.removeEventListener('abort', onAbort);
          resolve(value);
        },
      };
    });
  }

  [Symbol.dispose](): void {
    this.#onDispose();
    this.#queue.clear();
    this.end();
  }

  #isWanted(unit: StreamUnit): boolean {
    const isSound = unit.kind === 'audio' || unit.kind === 'audio-config';
    return !isSound || unit.codec === this.#sound;
  }

  #serve(): void {
    const waiter = this.#waiter;
    if (!waiter) return;
    const unit = this.#queue.shift();
    if (!unit && !this.#hasEnded) return;
    this.#waiter = undefined;
    waiter.resolve(unit ?? null);
  }
}
