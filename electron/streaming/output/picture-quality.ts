import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { parseAvcConfig } from '../media/h264';
import { frameHeader, matroskaHeader } from '../media/matroska';
import { nalUnits } from '../media/nal-units';
import type { CalibrationPictures } from './calibration-pictures';
import type { EncodedPicture } from './encoder-session';
import { runFfmpeg } from './ffmpeg-probe';
import { inputArguments, pictureSize } from './profiles';
import type { VideoFormat } from './profiles';
import { frameUs } from './timeline';

export interface QualityOptions {
  readonly build: FfmpegBuild;
  readonly format: VideoFormat;
  /** what was encoded */
  readonly pictures: CalibrationPictures;
  /** how many of the first ones are compared */
  readonly count: number;
  readonly config: Uint8Array;
  /** what came out, in decode order; more than `count` by what the encoder holds back */
  readonly coded: readonly EncodedPicture[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * SSIM of what was encoded against the originals, luma and chroma together, 0…1: FFmpeg's own filter. Null when the time
 * is over, FFmpeg fails or it is aborted.
 */
export async function measureSsim(options: QualityOptions): Promise<number | null> {
  const { build, format, count, config, coded, timeoutMs } = options;
  const folder = await mkdtemp(join(tmpdir(), 'studio-calibration-'));
  try {
    const file = join(folder, 'coded.h264');
    await writeFile(file, annexB(config, coded));
    const counted = 'settb=1/1000,setpts=N';
    const sized = format.canvas ? `scale=${format.width}:${format.height}:flags=lanczos,` : '';
    const graph = `[0:v]trim=end_frame=${count},${counted}[coded];[1:v]${sized}${counted}[original];[coded][original]ssim`;
    const { stderr } = await runFfmpeg(
      build.path,
      [
        ...['-hide_banner', '-loglevel', 'info', '-f', 'h264', '-i', file, ...inputArguments],
        ...['-filter_complex', graph, '-f', 'null', '-'],
      ],
      timeoutMs,
      originals(options),
      options.signal,
    );
    return parseSsim(stderr);
  } catch {
    // No quality known: the order of the profiles decides.
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One at a time: together they would fill the memory that the pictures themselves spare. */
function* originals({ format, pictures, count }: QualityOptions): Iterable<Uint8Array> {
  yield matroskaHeader({ ...format, ...pictureSize(format) });
  for (let index = 0; index < count; index++) {
    const picture = pictures.get(index);
    yield frameHeader(frameUs(index, format.fps), picture.length);
    yield picture;
  }
}

/** `[Parsed_ssim_4 @ 0x…] SSIM Y:0.97 (15.9) U:… V:… All:0.975012 (16.1)` → 0.975: four digits; nobody sees the others */
export function parseSsim(text: string): number | null {
  const all = /SSIM .*All:([\d.]+)/.exec(text)?.[1];
  return all === undefined ? null : Math.round(Number(all) * 10_000) / 10_000;
}

/** ITU-T H.264 annex B: start codes instead of lengths, parameter sets first. */
function annexB(config: Uint8Array, pictures: readonly EncodedPicture[]): Uint8Array {
  const { sps, pps } = parseAvcConfig(config);
  const startCode = Uint8Array.of(0, 0, 0, 1);
  const units = [...sps, ...pps, ...pictures.flatMap((picture) => [...nalUnits(picture.data)])];
  return Buffer.concat(units.flatMap((unit) => [startCode, unit]));
}
