import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { Child } from '../lib/child';
import { StudioError } from '../lib/errors';
import { parseMediaInfo } from './media-info';
import type { MediaInfo } from './media-info';
import { mediaInputArgs, mostPixels, refusedFormat, refusedSize } from './media-input';

const timeoutMs = 10_000;

/**
 * Asks FFmpeg what a file holds.
 * @throws StudioError `media-decode-failed` when it is no media file, `media-is-list` when it would have others opened,
 * `picture-too-large`; the signal's reason when aborted
 */
export async function probeMedia(ffmpeg: FfmpegBuild, path: string, signal: AbortSignal): Promise<MediaInfo> {
  signal.throwIfAborted();
  const lines: string[] = [];
  const child = new Child({
    command: ffmpeg.path,
    args: ['-hide_banner', '-nostdin', ...mediaInputArgs, '-i', path],
    stdio: ['ignore', 'ignore', 'pipe'],
    niceness: 5,
    onStderrLine: (line) => {
      if (lines.length < 2000) lines.push(line);
    },
  });
  const end = (): void => void child.stop(0);
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    await child.exited;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
  signal.throwIfAborted();
  const format = refusedFormat(lines);
  if (format !== null) throw new StudioError('media-is-list', { path, format });
  const info = parseMediaInfo(lines.join('\n'));
  const size = tooLarge(info, lines);
  if (size) throw new StudioError('picture-too-large', { path, ...size });
  if (info) return info;
  // FFmpeg's verdict is its last line: `FILE: Invalid data found when processing input`.
  const reason = child.lastLine.replace(`${path}: `, '') || 'no picture and no sound in it';
  throw new StudioError('media-decode-failed', { path, reason });
}

/** What would be shown; FFmpeg tells no size of what it did not decode. */
function tooLarge(
  info: MediaInfo | null,
  lines: readonly string[],
): { width: number; height: number } | null {
  if (!info?.video) return refusedSize(lines);
  const { codedWidth: width, codedHeight: height } = info.video;
  return width * height > mostPixels ? { width, height } : null;
}
