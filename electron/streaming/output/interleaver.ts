import type { MonotonicClock } from '../lib/clock';
import type { AudioCodec, Packet, StreamUnit } from '../interfaces/packet';
import { Fifo } from './fifo';

/** how long one kind waits for the other, in wall time and, where the program keeps time, in media time */
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

/** Sound is in a lane of its own for each codec: nobody reads two of them. */
const laneOf = (unit: StreamUnit): 'video' | AudioCodec =>
  unit.kind === 'video' || unit.kind === 'video-config' ? 'video' : unit.codec;

/**
 * Merges video and sound, each in its own decode order, into one sequence by dts. A kind that stays out holds the others
 * up for at most a second, once; afterwards they go without it until it is back, and what comes late then is passed on
 * as it comes. Driven by `push` alone: as long as one kind flows, time is looked at often enough.
 */
export class Interleaver {
  readonly #emit: (unit: StreamUnit) => void;
  readonly #clock: MonotonicClock;
  readonly #maxMediaUs: number;
  readonly #lanes: ReadonlyMap<'video' | AudioCodec, Lane>;

  /**
   * @param sounds that are to come
   * @param keepsTime false: it is encoded as fast as it goes, and a second of it may come in a moment
   */
  constructor(
    clock: MonotonicClock,
    emit: (unit: StreamUnit) => void,
    sounds: readonly AudioCodec[] = ['aac'],
    keepsTime = true,
  ) {
    this.#maxMediaUs = keepsTime ? maxWaitUs : Infinity;
    this.#clock = clock;
    this.#emit = emit;
    this.#lanes = new Map((['video', ...sounds] as const).map((kind) => [kind, new Lane()]));
  }

  /** @throws RangeError for sound that was not to come */
  push(unit: StreamUnit): void {
    const lane = this.#lanes.get(laneOf(unit));
    if (!lane) throw new RangeError(`interleaver: ${unit.codec} was not to come`);
    lane.isAbsent = false;
    if (isPacket(unit)) lane.lastDtsUs = unit.dtsUs;
    lane.waiting.push({ unit, sinceUs: this.#clock.nowUs() });
    this.#drain();
  }

  /** Lets everything go that still waits, in order: the program is over. */
  flush(): void {
    for (const lane of this.#lanes.values()) lane.isAbsent = true;
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
    let first: Lane | undefined;
    for (const lane of this.#lanes.values()) {
      if (lane.waiting.first && !isPacket(lane.waiting.first.unit)) return lane;
      const headUs = headDtsUs(lane);
      if (headUs !== undefined && headUs < ((first && headDtsUs(first)) ?? Infinity)) first = lane;
    }
    return first && this.#mayGo(first) ? first : undefined;
  }

  #mayGo(lane: Lane): boolean {
    const head = lane.waiting.first!;
    const headUs = headDtsUs(lane)!;
    for (const other of this.#lanes.values()) {
      if (other.waiting.first || other.isAbsent) continue;
      // The other's next unit cannot be earlier than its last one.
      if (headUs <= other.lastDtsUs) continue;
      other.isAbsent =
        lane.lastDtsUs - headUs > this.#maxMediaUs || this.#clock.nowUs() - head.sinceUs > maxWaitUs;
      if (!other.isAbsent) return false;
    }
    return true;
  }
}

const isPacket = (unit: StreamUnit): unit is Packet => unit.kind === 'video' || unit.kind === 'audio';

function headDtsUs(lane: Lane): number | undefined {
  const unit = lane.waiting.first?.unit;
  return unit && isPacket(unit) ? unit.dtsUs : undefined;
}
