import type { MonotonicClock } from '../lib/clock';
import type { Packet, StreamUnit } from '../interfaces/packet';
import { Fifo } from './fifo';

/** how long one kind waits for the other, in media time and in wall time */
const maxWaitUs = 1_000_000;

interface Waiting {
  readonly unit: StreamUnit;
  readonly sinceUs: number;
}

class Lane {
  readonly waiting = new Fifo<Waiting>();
  /** it kept the other lane waiting for too long; until it delivers again nobody waits for it */
  isAbsent = false;
  lastDtsUs = -Infinity;
}

/**
 * Merges video and audio, each in its own decode order, into one sequence by dts. A kind that stays out holds the other
 * up for at most a second, once; afterwards the other goes alone until it is back, and what comes late then is passed on
 * as it comes. Driven by `push` alone: as long as one kind flows, time is looked at often enough.
 */
export class Interleaver {
  readonly #emit: (unit: StreamUnit) => void;
  readonly #clock: MonotonicClock;
  readonly #video = new Lane();
  readonly #audio = new Lane();

  constructor(clock: MonotonicClock, emit: (unit: StreamUnit) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  push(unit: StreamUnit): void {
    const lane = unit.kind === 'video' || unit.kind === 'video-config' ? this.#video : this.#audio;
    lane.isAbsent = false;
    if (isPacket(unit)) lane.lastDtsUs = unit.dtsUs;
    lane.waiting.push({ unit, sinceUs: this.#clock.nowUs() });
    this.#drain();
  }

  /** Lets everything go that still waits, in order: the program is over. */
  flush(): void {
    this.#video.isAbsent = this.#audio.isAbsent = true;
    this.#drain();
  }

  #drain(): void {
    for (;;) {
      const lane = this.#nextLane();
      const next = lane?.waiting.shift();
      if (!next) return;
      this.#emit(next.unit);
    }
  }

  /** the lane whose head may go now */
  #nextLane(): Lane | undefined {
    for (const lane of [this.#video, this.#audio])
      if (lane.waiting.first && !isPacket(lane.waiting.first.unit)) return lane;
    const videoUs = headDtsUs(this.#video);
    const audioUs = headDtsUs(this.#audio);
    if (videoUs === undefined) return this.#mayGoAlone(this.#audio, this.#video) ? this.#audio : undefined;
    if (audioUs === undefined) return this.#mayGoAlone(this.#video, this.#audio) ? this.#video : undefined;
    return videoUs <= audioUs ? this.#video : this.#audio;
  }

  #mayGoAlone(lane: Lane, other: Lane): boolean {
    const head = lane.waiting.first;
    if (!head) return false;
    if (other.isAbsent) return true;
    const headUs = headDtsUs(lane) ?? 0;
    // The other's next unit cannot be earlier than its last one.
    if (headUs <= other.lastDtsUs) return true;
    other.isAbsent = lane.lastDtsUs - headUs > maxWaitUs || this.#clock.nowUs() - head.sinceUs > maxWaitUs;
    return other.isAbsent;
  }
}

const isPacket = (unit: StreamUnit): unit is Packet => unit.kind === 'video' || unit.kind === 'audio';

function headDtsUs(lane: Lane): number | undefined {
  const unit = lane.waiting.first?.unit;
  return unit && isPacket(unit) ? unit.dtsUs : undefined;
}
