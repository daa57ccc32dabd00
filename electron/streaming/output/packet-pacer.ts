import type { MonotonicClock } from '../lib/clock';
import { Fifo } from './fifo';

/** so much faster or slower than they come are packets passed on while the delay changes: no player's buffer minds */
const slewPerSec = 0.2;
/** of so many packets the latency is remembered */
const rememberedPackets = 64;

interface Waiting<Unit> {
  readonly unit: Unit;
  /** when its decode time was, on the monotonic clock; undefined: as soon as what is before it is out */
  readonly decodeUs: number | undefined;
}

/** Passes what it is told of to the encoder's readers at the time that is right for each. */
export interface PacketPacerOptions<Unit> {
  readonly clock: MonotonicClock;
  readonly emit: (unit: Unit) => void;
}

/**
 * Hides a hand-over. An encoder that ends gives all that it holds at once, and its successor gives nothing before it has
 * filled up: so packets are delayed a little, ever more, until the delay is as long as the successor takes; the flush is
 * then passed on at the packets' own pace, and the successor's first picture is there when its turn comes. Afterwards the
 * delay shrinks again until packets pass as they come.
 */
export class PacketPacer<Unit> {
  readonly #options: PacketPacerOptions<Unit>;
  readonly #waiting = new Fifo<Waiting<Unit>>();
  /** decode time → arrival, of the newest packets, microseconds */
  #latenciesUs: number[] = [];
  /** null: packets pass as they come */
  #delay: { fromUs: number; toUs: number; sinceUs: number } | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PacketPacerOptions<Unit>) {
    this.#options = options;
  }

  /** The next in decode order. */
  push(unit: Unit, decodeUs?: number): void {
    if (decodeUs !== undefined) this.#remember(this.#options.clock.nowUs() - decodeUs);
    this.#waiting.push({ unit, decodeUs });
    this.#drain();
  }

  /**
   * Packets are to be later by this much, microseconds, than they come now. @returns how long that takes, milliseconds
   */
  raise(byUs: number): number {
    const nowUs = this.#options.clock.nowUs();
    const fromUs = Math.max(this.#delayUs(nowUs), this.#usualLatencyUs());
    const toUs = fromUs + Math.max(0, byUs);
    this.#delay = { fromUs, toUs, sinceUs: nowUs };
    this.#schedule();
    return (toUs - fromUs) / slewPerSec / 1000;
  }

  /** Packets come evenly again: the delay may go. What came before says nothing of how they come now. */
  lower(): void {
    const nowUs = this.#options.clock.nowUs();
    if (this.#delay) this.#delay = { fromUs: this.#delayUs(nowUs), toUs: 0, sinceUs: nowUs };
    this.#latenciesUs = [];
    this.#drain();
  }

  /** Everything, at once. */
  flush(): void {
    this.#delay = null;
    this.#drain();
  }

  #remember(latencyUs: number): void {
    this.#latenciesUs.push(latencyUs);
    if (this.#latenciesUs.length > rememberedPackets) this.#latenciesUs.shift();
  }

  /** of nine packets in ten */
  #usualLatencyUs(): number {
    const sorted = this.#latenciesUs.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.9)] ?? 0;
  }

  #delayUs(nowUs: number): number {
    if (!this.#delay) return 0;
    const { fromUs, toUs, sinceUs } = this.#delay;
    const by = (nowUs - sinceUs) * slewPerSec;
    return fromUs < toUs ? Math.min(toUs, fromUs + by) : Math.max(toUs, fromUs - by);
  }

  #drain(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let next = this.#waiting.first; next; next = this.#waiting.first) {
      if (this.#dueInUs(next) > 0) return this.#schedule();
      this.#waiting.shift();
      this.#options.emit(next.unit);
    }
    this.#settle();
  }

  #dueInUs({ decodeUs }: Waiting<Unit>): number {
    if (!this.#delay || decodeUs === undefined) return 0;
    const nowUs = this.#options.clock.nowUs();
    return decodeUs + this.#delayUs(nowUs) - nowUs;
  }

  /** Nothing waits: a delay that is on its way down and shorter than what packets take anyway holds nothing any more. */
  #settle(): void {
    if (this.#delay?.toUs !== 0 || this.#latenciesUs.length < rememberedPackets / 2) return;
    if (this.#delayUs(this.#options.clock.nowUs()) < Math.min(...this.#latenciesUs)) this.#delay = null;
  }

  #schedule(): void {
    const next = this.#waiting.first;
    if (!next || this.#timer) return;
    this.#timer = setTimeout(() => this.#drain(), Math.max(1, this.#dueInUs(next) / 1000));
  }
}
