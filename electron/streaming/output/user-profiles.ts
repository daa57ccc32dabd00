import type { UserProfile } from '../../../shared/contract/user-profile';
import { x264 } from './profiles';
import type { VideoProfile } from './profiles';

/** B-frames and lookahead of x264's presets (x264 --fullhelp). */
const presetLookahead: Readonly<Record<string, { readonly bframes: number; readonly lookahead: number }>> = {
  ultrafast: { bframes: 0, lookahead: 0 },
  superfast: { bframes: 3, lookahead: 0 },
  veryfast: { bframes: 3, lookahead: 10 },
  faster: { bframes: 3, lookahead: 20 },
  fast: { bframes: 3, lookahead: 30 },
  medium: { bframes: 3, lookahead: 40 },
  slow: { bframes: 3, lookahead: 50 },
};

/** pictures that a profile of one's own may hold: at 24 a second that is one, and a hand-over, a stop, a start stay quick */
export const mostDelayFrames = 24;
/** as the studio's own profiles: more gains little at a constant rate */
const usualLookahead = 10;

const lookaheadOf = ({ preset, options }: UserProfile): number => {
  const ofPreset = presetLookahead[preset]?.lookahead ?? usualLookahead;
  return Number(options['rc-lookahead'] ?? Math.min(usualLookahead, ofPreset));
};

/**
 * Frames inside x264 in steady state, as its own `x264_validate_parameters` reckons: what it looks ahead (not without
 * macroblock tree or VBV, and we have VBV), a frame a thread beyond the first, and the lookahead thread's own.
 */
function delayOf(profile: UserProfile): number {
  const { preset, threads, options } = profile;
  const isZeroLatency = options['tune'] === 'zerolatency';
  const isSliced = isZeroLatency || options['sliced-threads'] === '1';
  const base = presetLookahead[preset] ?? { bframes: 3, lookahead: 40 };
  const tuned = options['tune'] === 'animation' ? base.bframes + 2 : base.bframes;
  const bframes = Number(options['bframes'] ?? (isZeroLatency ? 0 : tuned));
  const isSet = options['rc-lookahead'] !== undefined;
  const lookahead = isZeroLatency && !isSet ? 0 : lookaheadOf(profile);
  const reordering = options['b-adapt'] === '2' && bframes > 0 ? Math.max(bframes, 3) * 4 : bframes;
  const frameThreads = isSliced ? 1 : threads;
  const syncLookahead = frameThreads === 1 ? 0 : bframes + 1;
  return Math.max(reordering, lookahead) + frameThreads - 1 + syncLookahead;
}

/** The profile of a person as it is run. What x264 must do for any stream comes last and so counts. */
export function userVideoProfile(profile: UserProfile): VideoProfile {
  const { name, preset, threads } = profile;
  const { tune, ...others } = profile.options;
  const parameters = [
    `threads=${threads}`,
    ...Object.entries(others).map(([option, value]) => `${option}=${value}`),
    // The tune says 0 of itself.
    ...(others['rc-lookahead'] === undefined && tune !== 'zerolatency'
      ? [`rc-lookahead=${lookaheadOf(profile)}`]
      : []),
  ];
  const title = `x264 ${preset}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, your own`;
  return x264(name, preset, title, delayOf(profile), parameters, tune === undefined ? [] : ['-tune', tune]);
}
