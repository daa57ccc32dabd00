import { audioSampleRate } from '../interfaces/audio-input';
import { syncOffsetMaxMs } from '../../../shared/model/sound';

/** 20 ms: how one delay gives way to another */
const crossFrames = audioSampleRate / 50;
/** 5 ms: what was kept before begins with silence */
const riseFrames = audioSampleRate / 200;
const capacity = (syncOffsetMaxMs * audioSampleRate) / 1000 + 1;

/** Holds stereo sound back by up to two seconds. Another delay is crossfaded to: no click, no change of pitch. */
export class DelayLine {
  readonly #ring = new Float32Array(capacity * 2);
  #place = 0;
  #risen = 0;
  #from = 0;
  #to = 0;
  #wanted = 0;
  #crossed = crossFrames;

  /** it delays nothing and keeps nothing that is still to be heard: may be left out */
  get isIdle(): boolean {
    return this.#to === 0 && this.#wanted === 0 && this.#crossed >= crossFrames;
  }

  /** @param delayMs 0…2000; takes effect within 40 ms */
  setDelay(delayMs: number): void {
    this.#wanted = Math.min(capacity - 1, Math.max(0, Math.round((delayMs * audioSampleRate) / 1000)));
  }

  /** @param block interleaved stereo, changed in place */
  process(block: Float32Array): void {
    const ring = this.#ring;
    for (let at = 0; at < block.length; at += 2) {
      if (this.#crossed >= crossFrames && this.#wanted !== this.#to) {
        this.#from = this.#to;
        this.#to = this.#wanted;
        this.#crossed = 0;
      }
      const left = block[at] ?? 0;
      const right = block[at + 1] ?? 0;
      const rise = Math.min(1, this.#risen / riseFrames);
      this.#risen += 1;
      ring[this.#place * 2] = left * rise;
      ring[this.#place * 2 + 1] = right * rise;
      const to = this.#slotOf(this.#to);
      let heardLeft = this.#to === 0 ? left : (ring[to] ?? 0);
      let heardRight = this.#to === 0 ? right : (ring[to + 1] ?? 0);
      if (this.#crossed < crossFrames) {
        const share = this.#crossed / crossFrames;
        const from = this.#slotOf(this.#from);
        heardLeft = heardLeft * share + (this.#from === 0 ? left : (ring[from] ?? 0)) * (1 - share);
        heardRight = heardRight * share + (this.#from === 0 ? right : (ring[from + 1] ?? 0)) * (1 - share);
        this.#crossed += 1;
      }
      block[at] = heardLeft;
      block[at + 1] = heardRight;
      this.#place = this.#place + 1 === capacity ? 0 : this.#place + 1;
    }
  }

  #slotOf(delayFrames: number): number {
    const frame = this.#place - delayFrames;
    return (frame < 0 ? frame + capacity : frame) * 2;
  }
}
