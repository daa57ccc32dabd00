import type { AudioInput } from '../interfaces/audio-input';
import type { SampleRing } from './sample-ring';

/** One decoder's sound on the program's timeline: its sample 0 is the program's sample `startSample`. */
export interface SoundFeed {
  readonly samples: SampleRing;
  readonly startSample: number;
}

/** 5 ms */
const fadeSamples = 240;

/** The sound of a media source: that of one of its decoders, changed without a click. Sample-exact in between. */
export class MediaSound implements AudioInput {
  readonly id: string;
  #feed: SoundFeed | null = null;
  #next: SoundFeed | null = null;
  #nextAt = 0;
  #scratch = new Float32Array(0);

  constructor(id: string) {
    this.id = id;
  }

  /**
   * From the first block on that begins at or after this sample of the program.
   * @param feed null: silence
   */
  switchTo(feed: SoundFeed | null, atSample = 0): void {
    this.#next = feed;
    this.#nextAt = atSample;
  }

  render(firstSample: number, target: Float32Array): void {
    if (this.#next === this.#feed || firstSample < this.#nextAt) {
      this.#read(this.#feed, firstSample, target);
      return;
    }
    if (this.#scratch.length < target.length) this.#scratch = new Float32Array(target.length);
    const leaving = this.#scratch.subarray(0, target.length);
    this.#read(this.#feed, firstSample, leaving);
    this.#read(this.#next, firstSample, target);
    // A beginning is played as it is; only who joins in the middle is faded in.
    const fadesIn = this.#next !== null && this.#next.startSample < firstSample;
    const length = target.length / 2;
    for (let sample = 0; sample < Math.min(fadeSamples, length); sample += 1) {
      const rising = fadesIn ? sample / fadeSamples : 1;
      const falling = 1 - sample / fadeSamples;
      for (const at of [sample * 2, sample * 2 + 1])
        target[at] = (target[at] ?? 0) * rising + (leaving[at] ?? 0) * falling;
    }
    this.#feed = this.#next;
  }

  #read(feed: SoundFeed | null, firstSample: number, target: Float32Array): void {
    if (feed) feed.samples.read(firstSample - feed.startSample, target);
    else target.fill(0);
  }
}
