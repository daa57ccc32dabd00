import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { CalibrationPictures } from './calibration-pictures';
import { EncoderSession } from './encoder-session';
import { gridFrames } from './profiles';
import type { VideoFormat, VideoProfile } from './profiles';

/** `words`: FFmpeg's own where it spoke, else ours. `isSlow`: it works, and another look at a quieter moment may pass. */
export type TrialVerdict =
  | { readonly isUsable: true; readonly fps: number }
  | { readonly isUsable: false; readonly words: string; readonly isSlow: boolean };

export interface TrialOptions {
  readonly build: FfmpegBuild;
  readonly profile: VideoProfile;
  readonly format: VideoFormat;
  readonly pictures: CalibrationPictures;
  readonly signal: AbortSignal;
  /** whether so many pictures a second are enough */
  readonly holds: (fps: number) => boolean;
}

const leastPictures = 60;
/** so many beyond the second keyframe, so that it is seen to come out */
const picturesBeyond = 8;
/** loading a driver takes its time; the pictures themselves must come in real time */
const setupMs = 4000;

/**
 * Encodes pictures of the real size for a little more than a keyframe interval, with the exact arguments of the live
 * encoder and by way of a session as on air. It passes when every one comes out, with parameter sets, a keyframe where each
 * is forced, and fast enough.
 * @throws the signal's reason when aborted
 */
export async function tryEncoder(options: TrialOptions): Promise<TrialVerdict> {
  const { build, profile, format, pictures, signal, holds } = options;
  signal.throwIfAborted();
  const grid = gridFrames(format.fps);
  const first = grid;
  const pictureCount = Math.max(leastPictures, grid + picturesBeyond);
  const spoken: string[] = [];
  const keyframes = new Set<number>();
  let hasConfig = false;
  let received = 0;
  let firstMs = 0;
  let lastMs = 0;
  const session = new EncoderSession({
    ...{ build, profile, format },
    onConfig: () => (hasConfig = true),
    onPicture: ({ frameIndex, isKeyframe }) => {
      lastMs = performance.now();
      if (received++ === 0) firstMs = lastMs;
      if (isKeyframe) keyframes.add(frameIndex);
    },
    onWarning: (line) => spoken.push(line),
  });
  const limitMs = setupMs + (pictureCount * 1000) / format.fps;
  const timer = setTimeout(() => session.kill(`not done within ${Math.round(limitMs)} ms`), limitMs);
  const onAbort = (): void => session.kill('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  const fails = (words: string, isSlow = false): TrialVerdict => ({ isUsable: false, words, isSlow });
  try {
    for (let index = first; index < first + pictureCount; index++)
      await new Promise<void>((resolve) => session.write(index, pictures.get(index - first), resolve));
    await session.finish(limitMs);
    signal.throwIfAborted();
    const exit = await session.exited;
    if (exit.signal !== null) return fails(session.lastLine, received > 0);
    if (exit.code !== 0)
      return fails(tellingWords(spoken, profile.encoder) || session.lastLine || 'it failed');
    if (!hasConfig || received < pictureCount)
      return fails(`only ${received} of ${pictureCount} pictures came out`);
    for (let index = first; index < first + pictureCount; index += grid)
      if (!keyframes.has(index)) return fails('it makes no keyframe where one is asked for');
    const fps = lastMs > firstMs ? ((received - 1) * 1000) / (lastMs - firstMs) : Infinity;
    if (!holds(fps)) return fails(`only ${Math.round(fps)} pictures a second`, true);
    return { isUsable: true, fps: Math.round(Math.min(fps, 10_000)) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** `[h264_nvenc @ 0x55…] Cannot load libcuda.so.1` → part and words */
const spokenByPart = /^\[([^\]@]+) @ [^\]]+\] (.+)$/;
/** of what FFmpeg sets up round the encoder: what went wrong is said there, too */
const deviceParts = /^(AVHWDeviceContext|AVHWFramesContext|AVFilterGraph|Parsed_hwupload)/;

/**
 * What of FFmpeg's last words tells why (pure): the first two lines of the encoder itself or of its device, without their
 * addresses. FFmpeg's last line only says that something failed. '' when it said nothing.
 */
export function tellingWords(lines: readonly string[], encoder: string): string {
  const parts = lines.flatMap((line) => {
    const [, part = '', words = ''] = spokenByPart.exec(line.trim()) ?? [];
    return part === encoder || deviceParts.test(part) ? [words.trim()] : [];
  });
  const [line] = lines;
  const telling = parts.length > 0 ? [...new Set(parts)].slice(0, 2).join(' ') : (line ?? '').trim();
  return telling.slice(0, 300);
}
