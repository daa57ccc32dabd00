import { LinkRate } from './link-rate';
import type { LinkSample } from './link-rate';

/** One destination that has asked for the bitrate to follow its network. */
export interface GovernedReading extends LinkSample {
  readonly id: string;
  /** media that waits for it or is on its way beyond the path's own round trip, milliseconds */
  readonly congestionMs: number;
}

export interface BitrateGovernorOptions {
  /** what was set: never more, kbit/s */
  readonly targetKbps: number;
  /** of the sound, which is sent beside it */
  readonly soundKbps: number;
}

export interface BitrateStep {
  readonly kbps: number;
  readonly cause: 'congested' | 'calm';
  /** the destination that asked for it; null: none asks for less */
  readonly id: string | null;
}

/** of the target: less is no picture worth sending (design §9) */
const floorShare = 0.3;
/** a keyframe is on its way for so long on a path that is just wide enough: more is congestion … */
const congestedMs = 300;
/** … when it stays */
const congestedForMs = 500;
const calmMs = 150;
/** of what the path was seen to carry: the rest lets the queue drain */
const measuredShare = 0.8;
const unmeasuredShare = 0.7;
/** … and as much of it is taken for the end of the path: in the moment of a drop what came before it is measured, too */
const ceilingShare = 0.95;
/** so long must all be calm before more is tried: at first, and after attempts that failed */
const calmBeforeMs = { first: 3000, most: 5000 };
/** near what the path was seen to carry, and just beyond it, steps stay so small that a failure is hardly seen */
const [boldStep, carefulStep, beyondStep] = [1.6, 1.25, 1.08];
/** once that was passed: how much wider the path is nobody knows, so each step that holds makes the next one bolder */
const provenSteps = [1.15, 1.5, 1.6] as const;
/** a step that stays calm for so long has held */
const heldMs = 2000;
/** after a change the queue needs time to show whether it drains */
const settleMs = 1500;
/** whose path carries no more than this of the lowest rate, for so long, is not helped by it: others need not suffer */
const [hopelessShare, hopelessMs] = [0.75, 8000];

/** who is away for so long does not hold the others down … */
const absentMs = 10_000;
/** … and after this it is not known any more how it did */
const forgetMs = 120_000;
/** a connection that breaks so often while it is congested is not helped by the rate either */
const mostLosses = 3;

interface Line {
  isPresent: boolean;
  seenAtMs: number;
  losses: number;
  readonly rate: LinkRate;
  congestedSinceMs: number | null;
  floorSinceMs: number | null;
  calmSinceMs: number;
  isHopeless: boolean;
  lastCongestionMs: number;
  isFalling: boolean;
}

/**
 * Which bitrate one encode for several destinations should have (pure: told everything, it decides). Down at once to what
 * the worst path was seen to carry; up step by step once all are calm, carefully near a rate that has failed. It says a
 * step and waits until it is told that it is done.
 */
export class BitrateGovernor {
  readonly #options: BitrateGovernorOptions;
  readonly #lines = new Map<string, Line>();
  #currentKbps: number;
  #isChanging = false;
  #changedAtMs = -Infinity;
  /** what a path carried when it was congested last; null: nothing is known, or it was passed */
  #ceilingKbps: number | null = null;
  #calmNeededMs = calmBeforeMs.first;
  #isTrial = false;
  /** steps that held since the path was seen to carry more than before */
  #provenCount = 0;

  constructor(options: BitrateGovernorOptions) {
    this.#options = options;
    this.#currentKbps = options.targetKbps;
  }

  get currentKbps(): number {
    return this.#currentKbps;
  }

  get floorKbps(): number {
    return Math.round(this.#options.targetKbps * floorShare);
  }

  /** whose network the bitrate does not follow any more, because the least is too much for it */
  isHopeless(id: string): boolean {
    return this.#lines.get(id)?.isHopeless ?? false;
  }

  /** Looks at all governed destinations that are live, a few times a second. @returns what to change, if anything */
  look(nowMs: number, readings: readonly GovernedReading[]): BitrateStep | null {
    for (const reading of readings) this.#read(nowMs, reading);
    const present = new Set(readings.map(({ id }) => id));
    for (const [id, line] of this.#lines) if (!present.has(id)) this.#miss(nowMs, id, line);
    if (this.#isChanging) return null;
    return this.#down(nowMs) ?? this.#up(nowMs);
  }

  /** The step is done: pictures of this rate are coming. Or it failed, and the rate is what it was. */
  changed(nowMs: number, kbps: number): void {
    this.#isChanging = false;
    this.#currentKbps = kbps;
    this.#changedAtMs = nowMs;
    for (const line of this.#lines.values()) line.congestedSinceMs = null;
  }

  #read(nowMs: number, reading: GovernedReading): void {
    const line = this.#lines.get(reading.id) ?? newLine(nowMs);
    this.#lines.set(reading.id, line);
    if (!line.isPresent) line.calmSinceMs = nowMs;
    line.isPresent = true;
    line.seenAtMs = nowMs;
    const busyBytes = (this.#currentKbps * 60) / 8;
    line.rate.add(reading, busyBytes);
    const { congestionMs } = reading;
    line.isFalling = congestionMs < line.lastCongestionMs - 20;
    line.lastCongestionMs = congestionMs;
    if (congestionMs > congestedMs) line.congestedSinceMs ??= nowMs;
    else line.congestedSinceMs = null;
    if (congestionMs > calmMs) line.calmSinceMs = nowMs;
    line.floorSinceMs = this.#isTooMuch(line) ? (line.floorSinceMs ?? nowMs) : null;
    if (line.floorSinceMs !== null && nowMs - line.floorSinceMs > hopelessMs) line.isHopeless = true;
    else if (nowMs - line.calmSinceMs > hopelessMs) {
      line.isHopeless = false;
      line.losses = 0;
    }
  }

  /** It is not live: perhaps for good, perhaps for a moment, and then it is the same network. */
  #miss(nowMs: number, id: string, line: Line): void {
    if (line.isPresent && line.congestedSinceMs !== null) line.isHopeless = ++line.losses >= mostLosses;
    line.isPresent = false;
    line.congestedSinceMs = line.floorSinceMs = null;
    if (nowMs - line.seenAtMs > forgetMs) this.#lines.delete(id);
  }

  /** Even the lowest rate, by far. */
  #isTooMuch({ congestedSinceMs, rate }: Line): boolean {
    if (this.#currentKbps > this.floorKbps || congestedSinceMs === null) return false;
    const neededKbps = this.floorKbps + this.#options.soundKbps;
    return rate.kbps !== null && rate.kbps < neededKbps * hopelessShare;
  }

  #down(nowMs: number): BitrateStep | null {
    const needy = [...this.#lines].filter(
      ([, { isPresent, isHopeless, congestedSinceMs }]) =>
        isPresent && !isHopeless && congestedSinceMs !== null && nowMs - congestedSinceMs >= congestedForMs,
    );
    if (needy.length === 0 || nowMs - this.#changedAtMs < settleMs) return null;
    const wishes = needy
      // What waits gets less: this rate is low enough.
      .filter(([, line]) => !line.isFalling)
      .map(([id, { rate }]) => ({ id, carriedKbps: rate.kbps, kbps: this.#wish(rate.kbps) }))
      .sort((one, other) => one.kbps - other.kbps);
    const [worst] = wishes;
    if (!worst) return null;
    if (worst.carriedKbps !== null)
      this.#ceilingKbps = worst.carriedKbps * ceilingShare - this.#options.soundKbps;
    else this.#ceilingKbps = Math.min(this.#ceilingKbps ?? Infinity, this.#currentKbps);
    if (this.#isTrial) this.#calmNeededMs = Math.min(calmBeforeMs.most, this.#calmNeededMs * 2);
    this.#isTrial = false;
    this.#provenCount = 0;
    if (worst.kbps >= this.#currentKbps) return null;
    return this.#step({ kbps: worst.kbps, cause: 'congested', id: worst.id });
  }

  /** for a path that carries so much, kbit/s of video */
  #wish(carriedKbps: number | null): number {
    const kbps =
      carriedKbps === null
        ? this.#currentKbps * unmeasuredShare
        : Math.min(carriedKbps * measuredShare - this.#options.soundKbps, this.#currentKbps * 0.95);
    return Math.max(this.floorKbps, Math.round(kbps));
  }

  #up(nowMs: number): BitrateStep | null {
    const { targetKbps } = this.#options;
    const all = [...this.#lines.values()];
    const lines = all.filter(({ isPresent, isHopeless }) => isPresent && !isHopeless);
    // With only such as are not helped the least is the best there is; who is away may be back in a moment.
    if (lines.length === 0 && all.some(({ isPresent }) => isPresent)) return null;
    if (all.some(({ isPresent, seenAtMs }) => !isPresent && nowMs - seenAtMs < absentMs)) return null;
    const calmForMs = nowMs - Math.max(this.#changedAtMs, ...lines.map(({ calmSinceMs }) => calmSinceMs));
    if (this.#isTrial && calmForMs >= heldMs) {
      this.#isTrial = false;
      this.#calmNeededMs = calmBeforeMs.first;
      if (this.#currentKbps >= (this.#ceilingKbps ?? 0)) {
        this.#ceilingKbps = null;
        this.#provenCount += 1;
      }
    }
    if (this.#currentKbps >= targetKbps) return null;
    if (calmForMs < (this.#ceilingKbps === null ? heldMs : this.#calmNeededMs)) return null;
    this.#isTrial = true;
    const kbps = Math.min(targetKbps, Math.round(this.#higherKbps(this.#currentKbps)));
    return this.#step({ kbps, cause: 'calm', id: null });
  }

  #higherKbps(kbps: number): number {
    const ceilingKbps = this.#ceilingKbps;
    if (ceilingKbps === null) return kbps * (provenSteps[Math.max(0, this.#provenCount - 1)] ?? boldStep);
    if (kbps * boldStep <= ceilingKbps * measuredShare) return kbps * boldStep;
    if (kbps * carefulStep <= ceilingKbps) return kbps * carefulStep;
    return Math.max(kbps, Math.min(ceilingKbps, kbps * carefulStep)) * beyondStep;
  }

  #step(step: BitrateStep): BitrateStep {
    this.#isChanging = true;
    return step;
  }
}

const newLine = (nowMs: number): Line => ({
  rate: new LinkRate(),
  ...{ isPresent: true, seenAtMs: nowMs, losses: 0 },
  ...{ congestedSinceMs: null, floorSinceMs: null, calmSinceMs: nowMs, isHopeless: false },
  ...{ lastCongestionMs: 0, isFalling: false },
});
