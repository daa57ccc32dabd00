/** What encoders are measured with, tightly packed I420 of one size. */
export interface CalibrationPictures {
  /** what they show, for people */
  readonly title: string;
  /** different ones, at least 2; `get` shows them forth and back, so that motion never jumps */
  readonly count: number;
  /** @param index 0 and up, without end */
  get(index: number): Uint8Array;
}

/** Which of `count` pictures is shown at an index when they run forth and back: 0 1 2 1 0 1 … */
export function forthAndBack(index: number, count: number): number {
  const last = count - 1;
  const at = index % (2 * last);
  return at <= last ? at : 2 * last - at;
}

/** memory for copies of the program */
const mostBytes = 64 * 2 ** 20;
const mostPictures = 120;
/** fewer are no motion to measure with */
const leastPictures = 8;
/** mean difference of a luma sample from picture to picture, of 255, from which on something moves */
const leastMotion = 0.05;
/** of all steps from picture to picture: a camera of 15 pictures moves in every fourth of 60, a cut of the scene in one */
const leastMovingShare = 1 / 8;
/** a prime: every column is looked at in turn; small enough to meet a small thing that moves */
const sampleStep = 97;

/** Pictures of the program as it ran, one after the other, copied into at most 64 MiB. */
export class CapturedPictures implements CalibrationPictures {
  readonly title: string;
  readonly #pictureBytes: number;
  readonly #wanted: number;
  readonly #pictures: Uint8Array[] = [];

  /** @param title what they show @param pictureBytes of one */
  constructor(title: string, pictureBytes: number) {
    this.title = title;
    this.#pictureBytes = pictureBytes;
    this.#wanted = Math.max(leastPictures, Math.min(mostPictures, Math.floor(mostBytes / pictureBytes)));
  }

  get count(): number {
    return this.#pictures.length;
  }

  get isFull(): boolean {
    return this.#pictures.length >= this.#wanted;
  }

  /** Why no encoder can be measured with these; null: it can. In words that follow on a dash. */
  get unfitReason(): string | null {
    if (this.count < leastPictures) return 'too few pictures came out of the program';
    const steps = this.#pictures.slice(1).map((picture, at) => this.#motion(this.#pictures[at]!, picture));
    const moving = steps.filter((motion) => motion >= leastMotion).length;
    return moving < steps.length * leastMovingShare ? 'the scene stands still' : null;
  }

  /** Copies it, unless there is enough already or it has another size. */
  add(picture: Uint8Array): void {
    if (this.isFull || picture.length !== this.#pictureBytes) return;
    this.#pictures.push(Uint8Array.from(picture));
  }

  get(index: number): Uint8Array {
    return this.#pictures[forthAndBack(index, this.count)]!;
  }

  #motion(before: Uint8Array, after: Uint8Array): number {
    const lumaBytes = Math.floor((this.#pictureBytes * 2) / 3);
    let sum = 0;
    let samples = 0;
    for (let place = 0; place < lumaBytes; place += sampleStep) {
      sum += Math.abs(after[place]! - before[place]!);
      samples++;
    }
    return sum / samples;
  }
}
