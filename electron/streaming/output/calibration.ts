import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../lib/clock';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { parseAvcConfig } from '../media/h264';
import { frameHeader, matroskaHeader } from '../media/matroska';
import { nalUnits } from '../media/nal-units';
import { EncoderSession } from './encoder-session';
import type { EncodedPicture } from './encoder-session';
import { runFfmpeg } from './ffmpeg-probe';
import { inputArguments, pictureSize } from './profiles';
import type { VideoFormat, VideoProfile } from './profiles';
import { SyntheticFrames } from './synthetic-frames';
import { frameUs } from './timeline';

export interface Measurement {
  readonly profile: string;
  /** pictures a second at the real size, as fast as it goes */
  readonly fps: number;
  /** luma and chroma together, 0…1; null when it was not looked at */
  readonly ssim: number | null;
}

export interface CalibrationOptions {
  readonly build: FfmpegBuild;
  readonly profiles: readonly VideoProfile[];
  readonly format: VideoFormat;
  /** whether a speed is enough; quality is measured for those only */
  readonly holds: (fps: number) => boolean;
  readonly signal: AbortSignal;
  /** for everything, milliseconds */
  readonly budgetMs?: number;
}

const defaultBudgetMs = 6000;
/** share of the budget for the speeds; the rest is for the qualities */
const speedShare = 0.72;
/** different pictures, and as many are compared */
const pictureCount = 24;
/** enough to know a speed */
const enoughPictures = 200;

/**
 * Runs the real encoder on the real path (Matroska in, FLV out) at the real size and measures the speed of each profile,
 * then the quality of those fast enough. Never runs while on air: it takes all the processor there is.
 * @throws the signal's reason when aborted
 */
export async function calibrate(options: CalibrationOptions): Promise<Measurement[]> {
  const { profiles, format, signal, budgetMs = defaultBudgetMs } = options;
  const deadline = performance.now() + budgetMs;
  const { width, height } = pictureSize(format);
  const frames = new SyntheticFrames(width, height, pictureCount);
  const speedMs = ((deadline - performance.now()) * speedShare) / profiles.length;
  const runs: Run[] = [];
  for (const profile of profiles) {
    runs.push(await measureSpeed(options, profile, frames, speedMs));
    signal.throwIfAborted();
  }
  const measurements: Measurement[] = [];
  for (const run of runs) {
    const leftMs = deadline - performance.now();
    const ssim = options.holds(run.fps) ? await measureSsim(options, run, frames, leftMs) : null;
    signal.throwIfAborted();
    measurements.push({ profile: run.profile.name, fps: Math.round(run.fps * 10) / 10, ssim });
  }
  return measurements;
}

interface Run {
  readonly profile: VideoProfile;
  readonly fps: number;
  readonly config: Uint8Array | undefined;
  /** in decode order */
  readonly pictures: readonly EncodedPicture[];
}

async function measureSpeed(
  options: CalibrationOptions,
  profile: VideoProfile,
  frames: SyntheticFrames,
  budgetMs: number,
): Promise<Run> {
  const { build, format, signal } = options;
  const pictures: EncodedPicture[] = [];
  let config: Uint8Array | undefined;
  let firstUs = 0;
  let lastUs = 0;
  const session = new EncoderSession({
    ...{ build, profile, format },
    onConfig: (data) => (config = data),
    onPicture: (picture) => {
      lastUs = systemClock.nowUs();
      firstUs ||= lastUs;
      pictures.push(picture);
    },
    onWarning: () => undefined,
  });
  const deadline = performance.now() + budgetMs;
  let hasEnded = false;
  void session.exited.then(() => (hasEnded = true));
  for (let index = 0; pictures.length < enoughPictures; index++) {
    await new Promise<void>((resolve) => {
      // A stuck encoder must not hold this up past its time.
      const timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
      session.write(index, frames.get(index), () => {
        clearTimeout(timer);
        resolve();
      });
    });
    if (hasEnded || signal.aborted || performance.now() >= deadline) break;
    // Lets packets be read: a write to an empty pipe returns at once, for ever.
    await sleep(0);
  }
  session.kill('measured');
  await session.exited;
  const spanSec = (lastUs - firstUs) / 1e6;
  const fps = spanSec > 0 ? (pictures.length - 1) / spanSec : 0;
  return { profile, fps, config, pictures };
}

/** Null when too little came out or the time is over. */
async function measureSsim(
  options: CalibrationOptions,
  run: Run,
  frames: SyntheticFrames,
  timeoutMs: number,
): Promise<number | null> {
  const { build, format } = options;
  const { width, height } = pictureSize(format);
  const isComplete = run.pictures.length >= pictureCount + run.profile.delayFrames;
  if (!run.config || !isComplete || timeoutMs <= 0) return null;
  const folder = await mkdtemp(join(tmpdir(), 'studio-calibration-'));
  try {
    const coded = join(folder, 'coded.h264');
    await writeFile(coded, annexB(run.config, run.pictures));
    const original = Array.from({ length: pictureCount }, (_, index) => {
      const picture = frames.get(index);
      return [frameHeader(frameUs(index, format.fps), picture.length), picture];
    });
    const counted = 'settb=1/1000,setpts=N';
    const sized = format.canvas ? `scale=${format.width}:${format.height}:flags=lanczos,` : '';
    const graph = `[0:v]trim=end_frame=${pictureCount},${counted}[coded];[1:v]${sized}${counted}[original];[coded][original]ssim`;
    const { stderr } = await runFfmpeg(
      build.path,
      [
        ...['-hide_banner', '-loglevel', 'info', '-f', 'h264', '-i', coded, ...inputArguments],
        ...['-filter_complex', graph, '-f', 'null', '-'],
      ],
      timeoutMs,
      Buffer.concat([matroskaHeader({ ...format, width, height }), ...original.flat()]),
    );
    return parseSsim(stderr);
  } catch {
    // No quality known: the order of the profiles decides.
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `[Parsed_ssim_4 @ 0x…] SSIM Y:0.97 (15.9) U:… V:… All:0.975 (16.1)` → 0.975 */
export function parseSsim(text: string): number | null {
  const all = /SSIM .*All:([\d.]+)/.exec(text)?.[1];
  return all === undefined ? null : Number(all);
}

/** ITU-T H.264 annex B: start codes instead of lengths, parameter sets first. */
function annexB(config: Uint8Array, pictures: readonly EncodedPicture[]): Uint8Array {
  const { sps, pps } = parseAvcConfig(config);
  const startCode = Uint8Array.of(0, 0, 0, 1);
  const units = [...sps, ...pps, ...pictures.flatMap((picture) => [...nalUnits(picture.data)])];
  return Buffer.concat(units.flatMap((unit) => [startCode, unit]));
}
