import type { PacketReader, PacketSource, StreamUnit, VideoCodec } from '../interfaces/packet';
import { systemClock } from '../lib/clock';
import type { MonotonicClock } from '../lib/clock';
import { Fifo } from './fifo';
import { PacketHub } from './packet-hub';

export interface DelayLineOptions {
  readonly source: PacketSource;
  readonly delayMs: number;
  /** More is never held: what finds no room is left out, and nothing comes out early. */
  readonly mostBytes: number;
  /** unix milliseconds */
  readonly now?: () => number;
  readonly clock?: MonotonicClock;
  /** @returns a function that cancels */
  readonly schedule?: (ms: number, callback: () => void) => () => void;
}

interface Held {
  readonly unit: StreamUnit;
  readonly dueUs: number;
}

const bySystemTimer = (ms: number, callback: () => void): (() => void) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

/**
 * The program as it was a while ago. Packets are held by reference from the moment they arrive, and handed on when the
 * delay is over, with the times they have. Whoever reads from it meets a hub like any other.
 */
export class DelayLine implements PacketSource, Disposable {
  /** the first packet comes out then, or up to a GOP later: it is a keyframe; unix milliseconds */
  readonly firstDueAt: number;
  readonly #options: Required<DelayLineOptions>;
  readonly #hub = new PacketHub();
  readonly #held = new Fifo<Held>();
  readonly #reader: PacketReader;
  readonly #lifetime = new AbortController();
  #heldBytes = 0;
  #isSourceOver = false;
  /** what follows a hole begins with a keyframe */
  #isWaitingForKeyframe = false;
  #cancel: (() => void) | undefined;

  /** Begins to hold at once. */
  constructor(options: DelayLineOptions) {
    this.#options = { now: Date.now, clock: systemClock, schedule: bySystemTimer, ...options };
    const { source, delayMs, now } = this.#options;
    this.firstDueAt = now() + delayMs;
    this.#reader = source.subscribe({
      name: `delay of ${delayMs / 1000} s`,
      // Not the GOP at hand: it would be due all at once, and come as a burst that readers must drop from.
      from: 'next',
      dropMs: Infinity,
      flushMs: Infinity,
    });
    void this.#fill();
  }

  get videoCodec(): VideoCodec | null {
    return this.#options.source.videoCodec;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  subscribe(options: Parameters<PacketSource['subscribe']>[0]): PacketReader {
    return this.#hub.subscribe(options);
  }

  /** What is held is given up: readers get what was handed on already, then the end. */
  [Symbol.dispose](): void {
    this.#lifetime.abort(new Error('the delay is no longer wanted'));
    this.#reader[Symbol.dispose]();
    this.#cancel?.();
    this.#held.filter(() => false);
    this.#heldBytes = 0;
    this.#hub.end();
  }

  async #fill(): Promise<void> {
    const { signal } = this.#lifetime;
    try {
      for (let unit = await this.#reader.next(signal); unit; unit = await this.#reader.next(signal))
        this.#hold(unit);
      this.#isSourceOver = true;
      if (this.#held.length === 0) this.#hub.end();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #hold(unit: StreamUnit): void {
    const { delayMs, clock } = this.#options;
    if (!this.#hasRoomFor(unit)) return;
    this.#held.push({ unit, dueUs: clock.nowUs() + delayMs * 1000 });
    this.#heldBytes += unit.data.length;
    if (!this.#cancel) this.#await();
  }

  /** What is held is shown on time; so it is the newest that has to go, until there is room again and a keyframe. */
  #hasRoomFor(unit: StreamUnit): boolean {
    const isFull = this.#heldBytes + unit.data.length > this.#options.mostBytes;
    if (unit.kind === 'audio') return !isFull;
    if (unit.kind !== 'video') return true;
    if (isFull) this.#isWaitingForKeyframe = true;
    else if (unit.isKeyframe) this.#isWaitingForKeyframe = false;
    return !this.#isWaitingForKeyframe;
  }

  #take(): StreamUnit {
    const { unit } = this.#held.shift()!;
    this.#heldBytes -= unit.data.length;
    return unit;
  }

  #await(): void {
    const next = this.#held.first;
    if (!next) return;
    const { clock, schedule } = this.#options;
    this.#cancel = schedule(Math.max(0, (next.dueUs - clock.nowUs()) / 1000), () => this.#handOn());
  }

  #handOn(): void {
    this.#cancel = undefined;
    const nowUs = this.#options.clock.nowUs();
    while (this.#held.first && this.#held.first.dueUs <= nowUs) this.#hub.push(this.#take());
    if (this.#held.first) this.#await();
    else if (this.#isSourceOver) this.#hub.end();
  }
}
