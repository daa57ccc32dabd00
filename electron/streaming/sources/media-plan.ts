import { rateText } from '../../../shared/model/frame-rate';
import { croppedPart, itemSize } from '../../../shared/model/placement';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { Box, PictureRequest } from '../interfaces/layer';
import type { MediaInfo, VideoInfo } from './media-info';
import { mediaInputArgs } from './media-input';

/** How the pictures of a file are brought to what an item asks for. */
export interface VideoPlan {
  /** even, as the compositor wants it */
  readonly width: number;
  readonly height: number;
  /** what of the video is shown, pixels as shown at its own size */
  readonly part: Box;
  /** exact rate of the pictures, and how FFmpeg is told */
  readonly fps: number;
  readonly rate: string;
  readonly filter: string;
  readonly hasAlpha: boolean;
}

const evenUp = (value: number): number => Math.max(2, Math.ceil(value / 2) * 2);

/** No more pixels are decoded than a 4K picture has: what is shown larger is scaled up by the compositor. */
const maxPixels = 3840 * 2160;
const maxSide = 8192;

/**
 * Size, crop and rate for a request. Where on the canvas it is shown does not matter, so that moving it never needs
 * another decoder; sizes are even.
 */
export function planVideo(video: VideoInfo, request: PictureRequest, programFps: number): VideoPlan {
  const { crop } = request;
  const part = croppedPart(request, video);
  const { x: left, y: top, width, height } = part;
  const shown = itemSize(request, part);
  const shrink = Math.min(
    1,
    Math.sqrt(maxPixels / (shown.width * shown.height)),
    maxSide / Math.max(shown.width, shown.height),
  );
  const size = { width: evenUp(shown.width * shrink), height: evenUp(shown.height * shrink) };
  const fps = Math.min(video.fps, programFps);
  const rate = rateText(fps);
  // Crop is in pixels as shown; the decoded ones may be narrower or wider.
  const stretch = video.codedWidth / video.width;
  const isCropped = left > 0 || top > 0 || crop.right > 0 || crop.bottom > 0;
  const cropFilter = `crop=${Math.max(1, Math.round(width * stretch))}:${height}:${Math.round(left * stretch)}:${top}`;
  // FFmpeg takes an unnamed matrix for BT.601, as it is in small pictures; HD without a name is BT.709.
  const inMatrix = !video.hasMatrix && video.codedHeight >= 720 ? 'in_color_matrix=bt709:' : '';
  return {
    ...size,
    part,
    fps,
    rate,
    hasAlpha: video.hasAlpha,
    filter: [
      `fps=fps=${rate}:start_time=0`,
      ...(isCropped ? [cropFilter] : []),
      `scale=w=${size.width}:h=${size.height}:flags=bicubic:${inMatrix}out_color_matrix=bt709:out_range=tv`,
      `format=${video.hasAlpha ? 'yuva420p' : 'yuv420p'}`,
    ].join(','),
  };
}

/** Which file, and where in it to begin. */
export interface Passage {
  readonly path: string;
  readonly positionSec: number;
}

/**
 * One process, two outputs: raw pictures at a constant rate on pipe 1, raw sound (f32le, 48 kHz, stereo) on pipe 3,
 * both counted from the same instant, so that they stay together by construction: `fps` fills and thins pictures,
 * `aresample` fills holes in the sound and trims overlaps beyond 20 ms.
 */
export function decoderArgs(
  ffmpeg: FfmpegBuild,
  info: MediaInfo,
  plan: VideoPlan | null,
  passage: Passage,
): string[] {
  const { video } = info;
  const isSmall = !video || video.codedWidth * video.codedHeight <= 1280 * 720;
  return [
    ...['-hide_banner', '-nostdin', '-v', 'level+warning'],
    ...mediaInputArgs,
    // Frame threads only cost memory and switches where one core decodes many times faster than real time.
    ...(isSmall ? ['-threads', '1'] : []),
    ...(video?.decoder ? ['-c:v', video.decoder] : []),
    ...(passage.positionSec > 0 ? ['-ss', passage.positionSec.toFixed(6)] : []),
    ...['-i', passage.path],
    ...(video && plan
      ? [
          ...['-map', `0:${video.stream}`, '-vf', plan.filter],
          ...(ffmpeg.hasFpsMode ? ['-fps_mode', 'passthrough'] : ['-vsync', '0']),
          ...['-c:v', 'rawvideo', '-f', 'rawvideo', 'pipe:1'],
        ]
      : []),
    ...(info.audioStream === null
      ? []
      : [
          ...[
            '-map',
            `0:${info.audioStream}`,
            '-af',
            'aresample=48000:async=1:min_hard_comp=0.02:first_pts=0',
          ],
          ...['-ac', '2', '-c:a', 'pcm_f32le', '-f', 'f32le', 'pipe:3'],
        ]),
  ];
}
