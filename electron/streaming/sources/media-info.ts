import { exactRate } from '../../../shared/model/frame-rate';

/** What is known of a media file before it is played. */
export interface MediaInfo {
  /** seconds; null when the file does not say */
  readonly durationSec: number | null;
  readonly video: VideoInfo | null;
  /** stream index of the first sound; null: silent */
  readonly audioStream: number | null;
}

export interface VideoInfo {
  readonly stream: number;
  /** as shown: rotated, with square pixels */
  readonly width: number;
  readonly height: number;
  /** as decoded and rotated, before pixels are made square */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** frames per second, exact for the NTSC family (30000/1001 …) */
  readonly fps: number;
  readonly hasAlpha: boolean;
  /** FFmpeg's name of the decoder to ask for; undefined: its default */
  readonly decoder: string | undefined;
  /** the file names its colour matrix */
  readonly hasMatrix: boolean;
}

const alphaFormats = /^(yuva|rgba|bgra|argb|abgr|gbrap|ya8|ya16|pal8|ayuv)/;
const matrixNames = /\b(bt709|bt470bg|smpte170m|smpte240m|bt2020nc|bt2020c|fcc)\b/;

function parseVideo(block: readonly string[], stream: number): VideoInfo | null {
  const line = block[0] ?? '';
  const size = /,\s(\d+)x(\d+)(?=[\s,[]|$)/.exec(line);
  const format = /Video: [^,]+, ([a-z0-9_]+)(?:\(([^)]*)\))?/.exec(line);
  if (!size?.[1] || !size[2] || !format) return null;
  const rest = block.join('\n');
  const turned = Math.abs(
    Number(/rotation of (-?[\d.]+) degrees|rotate\s*: (-?\d+)/.exec(rest)?.slice(1).find(Boolean) ?? 0),
  );
  const isSideways = Math.round(turned / 90) % 2 === 1;
  const [codedWidth, codedHeight] = isSideways
    ? [Number(size[2]), Number(size[1])]
    : [Number(size[1]), Number(size[2])];
  if (codedWidth === 0 || codedHeight === 0) return null;
  const aspect = /\[?SAR (\d+):(\d+)/.exec(line);
  const sar =
    aspect && Number(aspect[1]) > 0 && Number(aspect[2]) > 0 ? Number(aspect[1]) / Number(aspect[2]) : 1;
  const rate = Number(/([\d.]+) fps/.exec(line)?.[1] ?? /([\d.]+) tbr/.exec(line)?.[1] ?? 0);
  const codec = /Video: (\w+)/.exec(line)?.[1] ?? '';
  const hasSideAlpha = /alpha_mode\s*: 1/i.test(rest);
  return {
    stream,
    width: Math.max(1, Math.round(isSideways ? codedWidth / sar : codedWidth * sar)),
    height: codedHeight,
    codedWidth,
    codedHeight,
    fps: rate >= 1 && rate <= 1000 ? exactRate(rate) : 30,
    hasAlpha: alphaFormats.test(format[1] ?? '') || hasSideAlpha,
    // FFmpeg's own VP8/VP9 decoders leave the alpha in WebM's side data out.
    decoder: hasSideAlpha && /^vp[89]$/.test(codec) ? (codec === 'vp9' ? 'libvpx-vp9' : 'libvpx') : undefined,
    hasMatrix: matrixNames.test(format[2] ?? ''),
  };
}

/**
 * Reads what `ffmpeg -i FILE` prints on stderr (there is no ffprobe beside every FFmpeg). Understands builds from 2018
 * to today. Cover art counts as no video.
 * @returns null when FFmpeg did not recognise the file, or it holds neither picture nor sound
 */
export function parseMediaInfo(stderr: string): MediaInfo | null {
  const lines = stderr.split(/\r\n|\n|\r/);
  const first = lines.findIndex((line) => line.startsWith('Input #0'));
  if (first < 0) return null;
  const blocks: string[][] = [];
  let durationSec: number | null = null;
  for (const line of lines.slice(first)) {
    const duration = /^\s*Duration: (\d+):(\d+):([\d.]+)/.exec(line);
    if (duration) {
      const [hours, minutes, seconds] = duration.slice(1).map(Number);
      durationSec = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
    }
    if (/^\s*Stream #0:\d+/.test(line)) blocks.push([line]);
    else blocks.at(-1)?.push(line);
  }
  let video: VideoInfo | null = null;
  let audioStream: number | null = null;
  for (const block of blocks) {
    const [, stream, kind] = /^\s*Stream #0:(\d+)[^:]*: (Video|Audio)/.exec(block[0] ?? '') ?? [];
    if (stream === undefined) continue;
    if (kind === 'Audio') audioStream ??= Number(stream);
    else if (!/\(attached pic\)/.test(block[0] ?? '')) video ??= parseVideo(block, Number(stream));
  }
  return video || audioStream !== null ? { durationSec, video, audioStream } : null;
}
