import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { VideoProfile } from './profiles';

/** An encoder that may be in this computer, and how it is to be run. That it is there is for a trial to show. */
export interface EncoderCandidate extends VideoProfile {
  /** the systems on which FFmpeg can drive it */
  readonly platforms: readonly NodeJS.Platform[];
}

/**
 * Frames that are inside a hardware encoder which was asked to hold none back: one being coded, one on its way in and one
 * on its way out.
 */
const hardwareDelayFrames = 3;

function candidate(
  name: string,
  encoder: string,
  title: string,
  platforms: readonly NodeJS.Platform[],
  encoderArguments: readonly string[],
  deviceArguments: readonly string[] = [],
): EncoderCandidate {
  return {
    ...{ name, encoder, codec: 'h264', title, platforms, deviceArguments },
    delayFrames: hardwareDelayFrames,
    // No B-frames: each would keep the encoder one picture longer, and a successor could not begin at any frame.
    encoderArguments: [...encoderArguments, '-bf', '0'],
  };
}

/**
 * Every hardware encoder we know how to drive, the best liked first: constant rate (the rate itself is in
 * `encodingArguments`), little delay, IDR pictures where keyframes are forced. The flags are those of FFmpeg's own
 * documentation (`ffmpeg -h encoder=NAME`), spelt so that 5.1 and later builds take them.
 */
export const encoderCandidates: readonly EncoderCandidate[] = [
  candidate(
    'nvenc',
    'h264_nvenc',
    'NVIDIA NVENC',
    ['linux', 'win32'],
    [
      ...['-preset', 'p4', '-tune', 'll', '-rc', 'cbr', '-zerolatency', '1', '-delay', '0'],
      ...['-forced-idr', '1', '-no-scenecut', '1', '-profile:v', 'high'],
    ],
  ),
  candidate(
    'qsv',
    'h264_qsv',
    'Intel Quick Sync',
    ['linux', 'win32'],
    // Equal rates choose its CBR.
    ['-async_depth', '1', '-low_delay_brc', '1', '-forced_idr', '1', '-profile:v', 'high'],
  ),
  candidate(
    'vaapi',
    'h264_vaapi',
    'VA-API',
    ['linux'],
    ['-vf', 'format=nv12,hwupload', '-rc_mode', 'CBR', '-profile:v', 'high'],
    ['-vaapi_device', '/dev/dri/renderD128'],
  ),
  candidate(
    'amf',
    'h264_amf',
    'AMD AMF',
    ['win32'],
    ['-usage', 'lowlatency', '-rc', 'cbr', '-enforce_hrd', '1', '-profile:v', 'high'],
  ),
  candidate(
    'videotoolbox',
    'h264_videotoolbox',
    'Apple VideoToolbox',
    ['darwin'],
    // Without `allow_sw 0` it may be Apple's software encoder, which is no better than x264.
    ['-realtime', '1', '-allow_sw', '0', '-profile:v', 'high'],
  ),
  candidate(
    'mediafoundation',
    'h264_mf',
    'Windows Media Foundation',
    ['win32'],
    ['-hw_encoding', '1', '-rate_control', 'cbr'],
  ),
];

/** Of these, what this build could drive on this system. */
export const drivableCandidates = (
  build: FfmpegBuild,
  platform: NodeJS.Platform = process.platform,
  candidates: readonly EncoderCandidate[] = encoderCandidates,
): EncoderCandidate[] =>
  candidates.filter(
    ({ platforms, encoder }) => platforms.includes(platform) && build.encoders.includes(encoder),
  );
