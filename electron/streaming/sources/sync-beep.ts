import { audioSampleRate, firstSampleOfFrame } from '../interfaces/audio-input';
import { syncBeepAmplitude, syncBeepHz, syncPulseSec } from '../interfaces/sync-pattern';

const pulseSamples = Math.round(syncPulseSec * audioSampleRate);
/** 1 ms: short enough to find the onset, long enough not to splatter over the spectrum */
const rampSamples = audioSampleRate / 1000;

/** One beep, mono: the wave starts at its zero, and so do the ramps. */
function beepWave(): Float32Array {
  return Float32Array.from({ length: pulseSamples }, (_, sample) => {
    const ramp = Math.min(1, sample / rampSamples, (pulseSamples - sample) / rampSamples);
    return syncBeepAmplitude * ramp * Math.sin((2 * Math.PI * syncBeepHz * sample) / audioSampleRate);
  });
}

/**
 * The sound of the sync pattern. Each beep begins with the first sample of the frame in which the flash begins: the
 * first frame at or after a whole second, which at 59.94 is not the sample at that second.
 */
export class SyncBeep {
  readonly #wave = beepWave();
  readonly #fps: number;

  constructor(fps: number) {
    this.#fps = fps;
  }

  /** the program sample at which the beep of this second begins */
  startSample(second: number): number {
    return firstSampleOfFrame(Math.ceil(second * this.#fps - 1e-6), this.#fps);
  }

  /** `target`: interleaved stereo, overwritten */
  render(firstSample: number, target: Float32Array): void {
    target.fill(0);
    const length = target.length / 2;
    const lastSecond = Math.floor((firstSample + length) / audioSampleRate);
    // The beep of an earlier second may begin one frame late and still be sounding.
    for (
      let second = Math.max(0, lastSecond - Math.ceil(length / audioSampleRate) - 1);
      second <= lastSecond;
      second += 1
    ) {
      const start = this.startSample(second) - firstSample;
      for (let at = Math.max(0, start); at < Math.min(length, start + pulseSamples); at += 1) {
        const value = this.#wave[at - start] ?? 0;
        target[at * 2] = value;
        target[at * 2 + 1] = value;
      }
    }
  }
}
