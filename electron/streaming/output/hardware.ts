import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { EncoderSession } from './encoder-session';
import { pictureSize } from './profiles';
import type { VideoFormat, VideoProfile } from './profiles';
import { SyntheticFrames } from './synthetic-frames';

const probePictures = 60;
/** loading a driver takes its time; the pictures themselves must come in real time */
const probeSetupMs = 4000;

function hardware(
  name: string,
  encoder: string,
  title: string,
  encoderArguments: readonly string[],
  deviceArguments: readonly string[] = [],
): VideoProfile {
  return { name, encoder, codec: 'h264', title, delayFrames: 3, deviceArguments, encoderArguments };
}

/**
 * Every hardware encoder we know how to drive, the best liked first: constant rate, little delay, keyframes where they
 * are forced. `-encoders` only says that one was compiled in, so each is tried before it is used.
 */
const knownHardware: readonly (VideoProfile & { readonly platforms: readonly NodeJS.Platform[] })[] = [
  {
    ...hardware('nvenc', 'h264_nvenc', 'NVIDIA NVENC', [
      ...['-preset', 'p4', '-tune', 'll', '-rc', 'cbr', '-zerolatency', '1', '-delay', '0'],
      ...['-forced-idr', '1', '-no-scenecut', '1', '-profile:v', 'high'],
    ]),
    platforms: ['linux', 'win32'],
  },
  {
    ...hardware('qsv', 'h264_qsv', 'Intel Quick Sync', [
      ...['-async_depth', '1', '-low_delay_brc', '1', '-forced_idr', '1', '-profile:v', 'high'],
    ]),
    platforms: ['linux', 'win32'],
  },
  {
    ...hardware(
      'vaapi',
      'h264_vaapi',
      'VA-API',
      ['-vf', 'format=nv12,hwupload', '-rc_mode', 'CBR', '-profile:v', 'high'],
      ['-vaapi_device', '/dev/dri/renderD128'],
    ),
    platforms: ['linux'],
  },
  {
    ...hardware('amf', 'h264_amf', 'AMD AMF', [
      ...['-usage', 'lowlatency', '-rc', 'cbr', '-enforce_hrd', '1', '-profile:v', 'high'],
    ]),
    platforms: ['win32'],
  },
  {
    ...hardware('videotoolbox', 'h264_videotoolbox', 'Apple VideoToolbox', [
      ...['-realtime', '1', '-allow_sw', '0', '-profile:v', 'high'],
    ]),
    platforms: ['darwin'],
  },
  {
    ...hardware('mediafoundation', 'h264_mf', 'Windows Media Foundation', [
      ...['-hw_encoding', '1', '-rate_control', 'cbr'],
    ]),
    platforms: ['win32'],
  },
];

/** What this build could drive on this system. */
export const hardwareCandidates = (
  build: FfmpegBuild,
  platform: NodeJS.Platform = process.platform,
): VideoProfile[] =>
  knownHardware.filter(
    (profile) => profile.platforms.includes(platform) && build.encoders.includes(profile.encoder),
  );

export type HardwareVerdict =
  { readonly isUsable: true } | { readonly isUsable: false; readonly reason: string };

/**
 * Encodes 60 pictures of the real size with the exact flags of the live encoder. It passes when every one comes out, in
 * time, with parameter sets, and FFmpeg ends well.
 */
export async function probeHardware(
  build: FfmpegBuild,
  profile: VideoProfile,
  format: VideoFormat,
  signal: AbortSignal,
): Promise<HardwareVerdict> {
  const { width, height } = pictureSize(format);
  const frames = new SyntheticFrames(width, height, 4);
  let hasConfig = false;
  let received = 0;
  const session = new EncoderSession({
    ...{ build, profile, format },
    onConfig: () => (hasConfig = true),
    onPicture: () => received++,
    onWarning: () => undefined,
  });
  const limitMs = probeSetupMs + (probePictures * 1000) / format.fps;
  const timer = setTimeout(() => session.kill(`not done within ${Math.round(limitMs)} ms`), limitMs);
  const onAbort = (): void => session.kill('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (let index = 0; index < probePictures; index++)
      await new Promise<void>((resolve) => session.write(index, frames.get(index), resolve));
    await session.finish(limitMs);
    signal.throwIfAborted();
    const exit = await session.exited;
    if (exit.code !== 0) return { isUsable: false, reason: session.lastLine || 'it failed' };
    if (!hasConfig || received < probePictures)
      return { isUsable: false, reason: `only ${received} of ${probePictures} pictures came out` };
    return { isUsable: true };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Changes when a driver is updated: what was found out about the hardware then no longer counts. */
export async function driverVersion(): Promise<string> {
  const nvidia = await readFile('/proc/driver/nvidia/version', 'utf8').catch(() => '');
  return [release(), nvidia.split('\n')[0]].filter(Boolean).join(' ');
}
