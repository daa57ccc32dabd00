import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../lib/clock';
import { processUsage } from '../lib/process-usage';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { CalibrationPictures } from './calibration-pictures';
import { EncoderSession } from './encoder-session';
import type { EncodedPicture } from './encoder-session';
import { measureSsim } from './picture-quality';
import type { VideoFormat, VideoProfile } from './profiles';
import type { Measurement } from './selection-cache';
import { argvDigest } from './trial-key';

/** What is being done: as fast as it goes, or compared with the original. */
export interface CalibrationProgress {
  readonly profile: string;
  readonly phase: 'speed' | 'quality';
  /** what is known so far, `ssim` null until it was looked at */
  readonly measurements: readonly Measurement[];
}

export interface CalibrationOptions {
  readonly build: FfmpegBuild;
  readonly format: VideoFormat;
  readonly pictures: CalibrationPictures;
  /** the one to measure after these; null: that is all */
  readonly next: (done: readonly Measurement[]) => VideoProfile | null;
  /** of these the quality is looked at */
  readonly isCompared: (measurement: Measurement) => boolean;
  readonly signal: AbortSignal;
  /** as many of the first ones are compared */
  readonly comparedPictures: number;
  /** for everything, milliseconds */
  readonly budgetMs: number;
  /** for the speed of one, milliseconds */
  readonly speedMs: number;
  readonly onProgress?: (progress: CalibrationProgress) => void;
}

/** share of the budget for the speeds; the rest is for the qualities */
const speedShare = 0.72;
/** enough to know a speed */
const enoughPictures = 200;
/** of `speedMs`, where too few pictures came to compare them */
const mostTime = 4;

/**
 * Runs the real encoder on the real path (Matroska in, FLV out) at the real size and measures the speed of each profile,
 * then the quality of those worth it. Never runs while on air: it takes all the processor there is.
 * @throws the signal's reason when aborted
 */
export async function calibrate(options: CalibrationOptions): Promise<Measurement[]> {
  const { signal, next, onProgress, budgetMs, speedMs, comparedPictures: count } = options;
  const startedAt = performance.now();
  const runs: Run[] = [];
  const measured = (): Measurement[] => runs.map(({ measurement }) => measurement);
  for (let profile = next([]); profile; profile = next(measured())) {
    // Each has its full time or none: half of it would tell another speed. Without one worth taking it goes on.
    const isLate = performance.now() - startedAt + speedMs * 0.75 > budgetMs * speedShare;
    if (isLate && measured().some(options.isCompared)) break;
    onProgress?.({ profile: profile.name, phase: 'speed', measurements: measured() });
    runs.push(await measureSpeed(options, profile));
    signal.throwIfAborted();
  }
  for (const run of runs) {
    const leftMs = startedAt + budgetMs - performance.now();
    if (leftMs <= 0 || !options.isCompared(run.measurement)) continue;
    onProgress?.({ profile: run.measurement.profile, phase: 'quality', measurements: measured() });
    const isComplete = run.coded.length >= count + run.delayFrames;
    const { config, coded } = run;
    if (config && isComplete) {
      const ssim = await measureSsim({ ...options, count, config, coded, timeoutMs: leftMs });
      run.measurement = { ...run.measurement, ssim };
    }
    signal.throwIfAborted();
  }
  return measured();
}

interface Run {
  measurement: Measurement;
  readonly delayFrames: number;
  readonly config: Uint8Array | undefined;
  /** in decode order */
  readonly coded: readonly EncodedPicture[];
}

async function measureSpeed(options: CalibrationOptions, profile: VideoProfile): Promise<Run> {
  const { build, format, signal, pictures, speedMs, comparedPictures } = options;
  /** as many as are compared; of the others only the number counts */
  const coded: EncodedPicture[] = [];
  const keptPictures = comparedPictures + profile.delayFrames;
  let codedCount = 0;
  let config: Uint8Array | undefined;
  let firstUs = 0;
  let lastUs = 0;
  let cpuMsBefore: Promise<number | null> = Promise.resolve(null);
  const session = new EncoderSession({
    ...{ build, profile, format },
    onConfig: (data) => (config = data),
    onPicture: (picture) => {
      lastUs = systemClock.nowUs();
      if (firstUs === 0) {
        firstUs = lastUs;
        cpuMsBefore = cpuMsOf(session.pid);
      }
      codedCount += 1;
      if (coded.length < keptPictures) coded.push(picture);
    },
    onWarning: () => undefined,
  });
  const usualEnd = performance.now() + speedMs;
  const deadline = usualEnd + speedMs * (mostTime - 1);
  const hasEnoughToCompare = (): boolean => codedCount >= keptPictures;
  const measurement = (cpuMs: number | null): Measurement => {
    const spanSec = (lastUs - firstUs) / 1e6;
    const fps = spanSec > 0 ? (codedCount - 1) / spanSec : 0;
    return {
      profile: profile.name,
      argvDigest: argvDigest(build, profile, format),
      fps: Math.round(fps * 10) / 10,
      ssim: null,
      cpuMs: cpuMs === null ? null : Math.round(cpuMs * 10) / 10,
    };
  };
  const onAbort = (): void => session.kill('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  let hasEnded = false;
  void session.exited.then(() => (hasEnded = true));
  for (let index = 0; codedCount < enoughPictures; index++) {
    await new Promise<void>((resolve) => {
      // A stuck encoder must not hold this up past its time.
      const end = performance.now() < usualEnd ? usualEnd : deadline;
      const timer = setTimeout(resolve, Math.max(0, end - performance.now()));
      session.write(index, pictures.get(index), () => {
        clearTimeout(timer);
        resolve();
      });
    });
    const now = performance.now();
    if (hasEnded || signal.aborted || now >= deadline) break;
    if (now >= usualEnd && (hasEnoughToCompare() || !options.isCompared(measurement(null)))) break;
    // Lets packets be read: a write to an empty pipe returns at once, for ever.
    await sleep(0);
  }
  const before = await cpuMsBefore;
  const after = await cpuMsOf(session.pid);
  const inBetween = codedCount - 1;
  signal.removeEventListener('abort', onAbort);
  session.kill('measured');
  await session.exited;
  const cpuMs = before !== null && after !== null && inBetween > 0 ? (after - before) / inBetween : null;
  return { measurement: measurement(cpuMs), delayFrames: profile.delayFrames, config, coded };
}

/** User and system time of a process so far; null where the system does not say. */
const cpuMsOf = async (pid: number | undefined): Promise<number | null> =>
  pid === undefined ? null : ((await processUsage(pid))?.cpuMs ?? null);
