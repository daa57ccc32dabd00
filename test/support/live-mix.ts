import { Mixer } from '../../electron/streaming/audio/mixer';
import { firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';

const fps = 60;

/** A mixer that runs in real time as the program's does, and remembers its last second. */
export class LiveMix implements Disposable {
  readonly mixer = new Mixer({
    onInputFailed: (_id, error) => {
      throw error;
    },
  });
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #blocks: Float32Array[] = [];
  #frame = 0;

  constructor() {
    this.#timer = setInterval(() => {
      const due = ((performance.now() - this.#startedMs) * fps) / 1000;
      for (; this.#frame <= due; this.#frame += 1) {
        this.#blocks.push(this.mixer.mix(this.#frame, fps).slice());
        if (this.#blocks.length > fps) this.#blocks.shift();
      }
    }, 5);
  }

  /** Interleaved stereo, ending with the newest sample; shorter when it has not run for so long. */
  last(seconds: number): Float32Array {
    const frames = Math.min(this.#frame, Math.round(seconds * fps));
    const blocks = this.#blocks.slice(-frames);
    const sound = new Float32Array(blocks.length * firstSampleOfFrame(1, fps) * 2);
    blocks.forEach((block, index) => sound.set(block, index * block.length));
    return sound;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
