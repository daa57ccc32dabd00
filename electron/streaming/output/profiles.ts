import { rateFraction } from '../../../shared/model/frame-rate';
import { StudioError } from '../lib/errors';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { VideoCodec } from '../interfaces/packet';
import { codedForms } from './coded-stream';
import { h264Level } from './h264-level';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The coded picture. */
export interface VideoFormat extends Size {
  /** even pixels */
  readonly width: number;
  readonly height: number;
  /** of the pictures that are handed in, where that is another size: they are scaled once, before the encoder */
  readonly canvas?: Size;
  readonly fps: number;
  readonly bitrateKbps: number;
}

/** How one encoder is to be run: only what differs between encoders; what all share is in `videoArguments`. */
export interface VideoProfile {
  readonly name: string;
  /** the encoder's name in FFmpeg */
  readonly encoder: string;
  readonly codec: VideoCodec;
  /** for people */
  readonly title: string;
  /** frames that are inside the encoder in steady state; measured, equal on both supported builds */
  readonly delayFrames: number;
  /** before the input, e.g. which device */
  readonly deviceArguments: readonly string[];
  readonly encoderArguments: readonly string[];
}

/** Of the pictures that are handed in. */
export const pictureSize = ({ canvas, width, height }: VideoFormat): Size => canvas ?? { width, height };

/** Keyframes sit on multiples of this on the program's timeline. */
export const keyframeIntervalSec = 2;

/** Frames per keyframe interval; the grid in frame indices. */
export const gridFrames = (fps: number): number => Math.max(1, Math.round(keyframeIntervalSec * fps));

// CBR without HRD (`filler`, not `nal-hrd`): SPS and PPS then stay equal over bitrate steps. `force-cfr` saves the frame
// of delay that x264 adds for variable rates; timestamps are still ours. No scene cuts: keyframes are the grid's alone.
const x264Common = ['scenecut=0', 'filler=1', 'force-cfr=1'];

/** The documented profile, in the order of the document. */
const referenceParameters = [
  'threads=2',
  'lookahead-threads=1',
  'sliced-threads=1',
  'sync-lookahead=0',
  'rc-lookahead=10',
  'aq-mode=2',
  'direct=auto',
  'me=hex',
  'subme=6',
  'trellis=1',
  'deblock=1,1',
  'psy-rd=0.8,0.8',
  'aq-strength=0.9',
  'ref=1',
];

/** @param delayFrames of this preset and these parameters @param extra options beside preset and parameters */
export function x264(
  name: string,
  preset: string,
  title: string,
  delayFrames: number,
  parameters: readonly string[],
  extra: readonly string[] = [],
): VideoProfile {
  return {
    name,
    encoder: 'libx264',
    codec: 'h264',
    title,
    delayFrames,
    deviceArguments: [],
    encoderArguments: [
      ...['-preset', preset, '-profile:v', 'high', ...extra],
      ...['-x264-params', [...parameters, ...x264Common].join(':')],
    ],
  };
}

/**
 * The software profiles of the original document's two threads, the slowest first. Each is a way out when the one before
 * does not hold the rate; `x264-ladder.ts` has the steps for other machines.
 */
export const softwareProfiles: readonly VideoProfile[] = [
  x264('reference-2t', 'veryfast', 'x264 reference, 2 sliced threads', 12, referenceParameters, [
    '-level:v',
    '5.1',
  ]),
  x264('veryfast-2t', 'veryfast', 'x264 veryfast, 2 frame threads', 15, ['threads=2']),
  x264('superfast-2t', 'superfast', 'x264 superfast, 2 frame threads', 8, ['threads=2']),
  x264('ultrafast-2t', 'ultrafast', 'x264 ultrafast, 2 frame threads', 2, ['threads=2']),
];

/** @throws StudioError profile-unknown */
export function profileByName(name: string, known = softwareProfiles): VideoProfile {
  const profile = known.find((candidate) => candidate.name === name);
  if (!profile)
    throw new StudioError('profile-unknown', {
      profile: name,
      known: known.map((candidate) => candidate.name),
    });
  return profile;
}

/** Keep every picture with its own timestamp, however this build spells it. */
export const passthroughArguments = (build: FfmpegBuild): string[] =>
  build.hasFpsMode ? ['-fps_mode', 'passthrough'] : ['-vsync', '0'];

/**
 * When to force a keyframe: at the first picture, and at the first picture of each interval of program time. By time and
 * not by count, so that a skipped picture never moves the grid. FFmpeg reckons `t` from the first picture that it gets,
 * so what that is past its grid point is added; and half a frame, because a timestamp may lie a rounding error before.
 */
function keyframeExpression(fps: number, firstIndex: number): string {
  const period = (gridFrames(fps) / fps).toFixed(9);
  const shift = (((firstIndex % gridFrames(fps)) + 0.5) / fps).toFixed(9);
  const interval = (time: string): string => `floor((${time}+${shift})/${period})`;
  return `expr:if(isnan(prev_forced_t),1,gt(${interval('t')},${interval('prev_forced_t')}))`;
}

/**
 * The exact rate. FFmpeg takes the one of the input, which its Matroska reader cuts to a fraction of at most 30000
 * (matroskadec.c): 59.94 becomes 19001/317, times are rounded to that grid, and after 44 hours two frames share one.
 */
function rateArguments({ encoder, codec }: VideoProfile, fps: number): string[] {
  const { num, den } = rateFraction(fps);
  // IVF counts in the encoder's time base: a tick is a frame.
  if (den === 1 && codec === 'h264') return [];
  // What x264 writes into its headers, and reckons its bits with, is the rate and not the time base.
  const stated = encoder === 'libx264' ? ['-x264opts', `fps=${num}/${den}`] : [];
  return ['-enc_time_base', `${den}/${num}`, ...stated];
}

/** Everything between the input and the output: encoder, rate, keyframes, colour. */
export function encodingArguments(
  build: FfmpegBuild,
  profile: VideoProfile,
  format: VideoFormat,
  firstIndex = 0,
): string[] {
  const rate = `${format.bitrateKbps}k`;
  return [
    ...['-map', '0:v:0', ...passthroughArguments(build)],
    ...rateArguments(profile, format.fps),
    ...[
      '-c:v',
      profile.encoder,
      '-b:v',
      rate,
      ...leastRate(profile, rate),
      '-maxrate',
      rate,
      '-bufsize',
      rate,
    ],
    // Longer than the grid's interval: only a safety net, the grid is forced.
    ...[
      '-g',
      String(gridFrames(format.fps) * 5),
      '-force_key_frames',
      keyframeExpression(format.fps, firstIndex),
    ],
    ...['-color_range', 'tv', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
    ...scaled(profile.encoderArguments, format),
    ...levelArguments(profile, format),
  ];
}

/** libvpx takes three rates that are one for CBR; x264 fills up. */
const leastRate = ({ codec }: VideoProfile, rate: string): string[] =>
  codec === 'h264' ? [] : ['-minrate', rate];

/** Hardware encoders know best what they make. */
const levelArguments = ({ encoder, encoderArguments }: VideoProfile, format: VideoFormat): string[] =>
  encoder !== 'libx264' || encoderArguments.includes('-level:v') ? [] : ['-level:v', h264Level(format)];

/** The scaling goes before whatever else the profile does with the pictures. */
function scaled(encoderArguments: readonly string[], format: VideoFormat): readonly string[] {
  if (!format.canvas) return encoderArguments;
  const scale = `scale=${format.width}:${format.height}:flags=lanczos+accurate_rnd`;
  const at = encoderArguments.indexOf('-vf') + 1;
  return at === 0
    ? ['-vf', scale, ...encoderArguments]
    : encoderArguments.with(at, `${scale},${encoderArguments[at] ?? 'null'}`);
}

/** Matroska on stdin, decoded at once: nothing is probed that the header already says. */
export const inputArguments = [
  ...['-f', 'matroska', '-probesize', '32', '-analyzeduration', '1', '-fpsprobesize', '0'],
  ...['-copyts', '-i', 'pipe:0'],
];

/**
 * The whole command line of a live encoder: Matroska I420 on stdin → pictures in the form of their codec on stdout.
 * @param firstIndex the program frame it will begin with
 */
export function videoArguments(
  build: FfmpegBuild,
  profile: VideoProfile,
  format: VideoFormat,
  firstIndex = 0,
): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'warning'],
    ...profile.deviceArguments,
    ...inputArguments,
    ...encodingArguments(build, profile, format, firstIndex),
    ...[...codedForms[profile.codec].arguments, 'pipe:1'],
  ];
}
