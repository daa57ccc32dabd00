/** 48 kHz stereo everywhere between the sources and the audio encoder. */
export const audioSampleRate = 48_000;

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
