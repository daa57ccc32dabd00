import type { AudioPacket, StreamConfig, StreamUnit, VideoPacket } from '../interfaces/packet';
import { Fifo } from './fifo';

export interface DropThresholds {
  /** queued + in flight beyond which disposable video goes, milliseconds */
  readonly dropMs: number;
  /** … beyond which everything up to the next keyframe goes; Infinity: nothing is ever left out, sound neither */
  readonly flushMs: number;
}

/** Sound waits for a reader that has stopped for so long; then the oldest goes. It is thin, yet it must not fill the memory. */
const maxSoundUs = 10_000_000;

interface Numbered<Unit> {
  readonly order: number;
  readonly unit: Unit;
  /** when it came, `performance.now()`; null: it was there before the reader */
  readonly sinceMs: number | null;
}

/**
 * What one output has yet to send, bounded by duration. Video that has to go is dropped here: first pictures nothing
 * refers to, then everything up to a keyframe, so that what is left always decodes. Configs stay, and so does
 * audio once the reader has begun, up to 10 s of it.
 */
export class PacketQueue {
  readonly #thresholds: DropThresholds;
  readonly #onTaken: ((waitedMs: number) => void) | undefined;
  readonly #video = new Fifo<Numbered<VideoPacket>>();
  readonly #others = new Fifo<Numbered<AudioPacket | StreamConfig>>();
  #order = 0;
  #isWaitingForKeyframe = true;
  /** the reader has taken a packet: from then on sound is left out only beyond its bound */
  #hasDelivered = false;
  /**
   * How far behind the reader began, milliseconds: that is no sign of a slow one, until it has caught up. Also not while
   * it does: a line that carries the program with little to spare takes seconds to carry a whole GOP beside it.
   */
  #headStartMs = 0;
  #newestDtsUs = -Infinity;
  #droppedFrames = 0;
  /** held by the output beyond this queue, milliseconds */
  inFlightMs = 0;

  /** @param onTaken for each picture that the reader takes: how long it lay here, milliseconds */
  constructor(thresholds: DropThresholds, onTaken?: (waitedMs: number) => void) {
    this.#thresholds = thresholds;
    this.#onTaken = onTaken;
  }

  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  /** duration of the video in this queue, milliseconds */
  get queuedMs(): number {
    const oldest = this.#video.first;
    return oldest ? (this.#newestDtsUs - oldest.unit.dtsUs) / 1000 : 0;
  }

  /** Puts in the cached GOP a reader begins with. It may be longer than the thresholds allow for what comes later. */
  preload(units: readonly StreamUnit[]): void {
    for (const unit of units) {
      if (unit.kind === 'video') {
        this.#isWaitingForKeyframe = false;
        this.#append(unit, null);
      } else this.#others.push({ order: this.#order++, unit, sinceMs: null });
    }
    this.#headStartMs = this.queuedMs;
  }

  push(unit: StreamUnit): void {
    if (unit.kind !== 'video') {
      if (unit.kind === 'audio' && this.#isWaitingForKeyframe && !this.#hasDelivered) return;
      this.#others.push({ order: this.#order++, unit, sinceMs: null });
      if (unit.kind === 'audio') this.#boundSound(unit.dtsUs);
      return;
    }
    if (this.#isWaitingForKeyframe && !unit.isKeyframe) {
      this.#droppedFrames++;
      return;
    }
    this.#isWaitingForKeyframe = false;
    this.#append(unit, performance.now());
    const congestionMs = this.#congestionMs;
    if (congestionMs > this.#thresholds.flushMs) this.#dropToKeyframe();
    else if (congestionMs > this.#thresholds.dropMs)
      this.#droppedFrames += this.#video.filter(({ unit: packet }) => !packet.isDisposable);
  }

  shift(): StreamUnit | undefined {
    const video = this.#video.first;
    const other = this.#others.first;
    const isVideoNext = video && (!other || video.order < other.order);
    const taken = (isVideoNext ? this.#video : this.#others).shift();
    if (taken?.unit.kind === 'video') {
      this.#hasDelivered = true;
      if (!this.#video.first) this.#headStartMs = 0;
      if (taken.sinceMs !== null) this.#onTaken?.(performance.now() - taken.sinceMs);
    }
    return taken?.unit;
  }

  clear(): void {
    this.#video.filter(() => false);
    this.#others.filter(() => false);
  }

  #append(unit: VideoPacket, sinceMs: number | null): void {
    this.#video.push({ order: this.#order++, unit, sinceMs });
    this.#newestDtsUs = unit.dtsUs;
  }

  #boundSound(newestUs: number): void {
    if (this.#thresholds.flushMs === Infinity) return;
    const fromUs = newestUs - maxSoundUs;
    const isKept = ({ unit }: Numbered<AudioPacket | StreamConfig>): boolean =>
      unit.kind !== 'audio' || unit.dtsUs >= fromUs;
    const oldest = this.#others.first?.unit;
    // In the front stands sound or, rarely, a config that hides how old the sound behind it is.
    if (oldest && (oldest.kind !== 'audio' || oldest.dtsUs < fromUs)) this.#others.filter(isKept);
  }

  get #congestionMs(): number {
    return Math.max(0, this.queuedMs + this.inFlightMs - this.#headStartMs);
  }

  /** Goes on at the newest keyframe here that brings the queue below the limit, or else at the next to come. */
  #dropToKeyframe(): void {
    const { flushMs } = this.#thresholds;
    this.#headStartMs = 0;
    const restart = this.#video
      .toArray()
      .findLast(
        ({ unit }) => unit.isKeyframe && (this.#newestDtsUs - unit.dtsUs) / 1000 + this.inFlightMs <= flushMs,
      );
    const from = restart?.order ?? Infinity;
    this.#droppedFrames += this.#video.filter(({ order }) => order >= from);
    this.#isWaitingForKeyframe = restart === undefined;
    // Nothing was taken yet: this reader simply begins later, and with a keyframe.
    if (!this.#hasDelivered) this.#others.filter(({ order, unit }) => unit.kind !== 'audio' || order >= from);
  }
}
