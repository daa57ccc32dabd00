import { softwareProfiles, x264 } from './profiles';
import type { VideoProfile } from './profiles';

/** x264's presets that a stream in real time can use, the slowest first. */
const steps = ['medium', 'fast', 'faster', 'veryfast', 'superfast', 'ultrafast'] as const;
type Step = (typeof steps)[number];

/** more gain little, and each keeps a picture longer inside */
const mostThreads = 8;

/**
 * Frames inside x264 in steady state (its `x264_validate_parameters`): what it looks ahead, a frame a thread beyond the
 * first, and the lookahead thread's own (B-frames + 1).
 */
const delayFrames = (step: Step, threads: number): number => {
  if (step === 'ultrafast') return threads;
  const lookahead = step === 'superfast' ? 3 : 10;
  return lookahead + threads - 1 + 4;
};

/** Frame threads; the slower presets look no further ahead than veryfast: a better picture must not make the stream later. */
function ladderStep(step: Step, threads: number): VideoProfile {
  const known = softwareProfiles.find(({ name }) => name === `${step}-${threads}t`);
  const parameters = [`threads=${threads}`];
  if (['medium', 'fast', 'faster'].includes(step)) parameters.push('rc-lookahead=10');
  const title = `x264 ${step}, ${threads} frame threads`;
  return known ?? x264(`${step}-${threads}t`, step, title, delayFrames(step, threads), parameters);
}

/** One core is for the picture, the rest of the studio and the system. */
const ladderThreads = (cores: number): number => Math.min(mostThreads, Math.max(2, cores - 1));

/** The profiles to choose from on a machine of so many cores: the documented one, then x264's presets, the slowest first. */
export function x264Ladder(cores: number): VideoProfile[] {
  const threads = ladderThreads(cores);
  return [...softwareProfiles.slice(0, 1), ...steps.map((step) => ladderStep(step, threads))];
}

/** A step by its name, e.g. `faster-2t`, with as many threads as it says, on whatever machine. */
export function x264StepByName(name: string): VideoProfile | undefined {
  const [, step, count] = /^([a-z]+)-(\d{1,2})t$/.exec(name) ?? [];
  const threads = Number(count);
  const known = steps.find((each) => each === step);
  return known && threads >= 2 && threads <= 16 ? ladderStep(known, threads) : undefined;
}
