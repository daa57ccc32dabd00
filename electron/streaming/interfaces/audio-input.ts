/** 48 kHz stereo everywhere between the sources and the audio encoder. */
export const audioSampleRate = 48_000;

/**
 * The first audio sample (per channel) that belongs to a program frame. Frame n covers the samples
 * [firstSampleOfFrame(n), firstSampleOfFrame(n + 1)), at any rate, also 59.94. The small term keeps products that are
 * whole numbers in truth (n · 800.8) from falling one short in floating point.
 */
export const firstSampleOfFrame = (frameIndex: number, fps: number): number =>
  Math.floor((frameIndex * audioSampleRate) / fps + 1e-6);

/** The mixed sound of one program frame, lent until the next one. */
export interface ProgramSound {
  readonly firstSample: number;
  /** when its tick fell due, microseconds of CLOCK_MONOTONIC */
  readonly tickUs: number;
  /** interleaved stereo, within ±1 */
  readonly samples: Float32Array;
}

/** Something that sounds. Pulled by the mixer, never pushed. */
export interface AudioInput {
  readonly id: string;
  /**
   * Write the sound of the program's samples [firstSample, firstSample + target.length / 2) into `target`
   * (interleaved stereo, linear, nominal ±1), overwriting all of it; silence where there is none.
   * `firstSample` counts from program frame 0 and rises without gaps.
   */
  render(firstSample: number, target: Float32Array): void;
}
