import type { VideoProfile } from './profiles';
import { x264StepByName } from './x264-ladder';

/** x264's preset behind a profile; null: it is another encoder's */
export function presetOf({ encoder, encoderArguments }: VideoProfile): string | null {
  if (encoder !== 'libx264') return null;
  return encoderArguments[encoderArguments.indexOf('-preset') + 1] ?? null;
}

/**
 * How variants are encoded beside a program that is encoded like this (pure): x264 veryfast, which looks well at the
 * bitrates that weaker platforms take; as fast a step as the program's own where this computer holds no slower one. Never
 * the program's hardware: how many pictures of two sizes that takes at once, nobody has tried.
 */
export function variantProfile(main: VideoProfile): VideoProfile {
  const preset = presetOf(main);
  const isHurried = preset === 'superfast' || preset === 'ultrafast';
  return x264StepByName(`${isHurried ? preset : 'veryfast'}-2t`)!;
}
