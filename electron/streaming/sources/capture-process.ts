import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { Child } from '../lib/child';
import { StudioError } from '../lib/errors';
import { openWidePipe } from '../lib/wide-pipe';
import { deviceError } from './device-error';
import { Y4mReader } from './y4m-reader';

/** How a device is asked for its pictures now. Another plan needs another process. */
export interface CapturePlan {
  /** as people know it, for errors */
  readonly name: string;
  /** FFmpeg's arguments up to and with `-i …` */
  readonly input: readonly string[];
  /** ends in even I420, BT.709 limited */
  readonly filter: string;
  /** what comes out; null: the device decides, and says so with the pictures */
  readonly size: { readonly width: number; readonly height: number } | null;
}

export interface CaptureSinks {
  onSize(width: number, height: number): void;
  /** bytes of pictures of that size, one after the other, valid until it returns. @returns whole pictures in them */
  onBytes(bytes: Uint8Array): number;
}

/** A camera may warm up for seconds. */
const firstPictureMs = 10_000;
const stallMs = 3000;
const keptLines = 12;

/** Conversions are the same for every device: right matrix and range, chroma sited as H.264 has it. */
export const toI420 =
  'scale=w=trunc(iw/2)*2:h=trunc(ih/2)*2:flags=bilinear:out_color_matrix=bt709:out_range=tv,format=yuv420p';

export function captureArgs(ffmpeg: FfmpegBuild, plan: CapturePlan): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-v', 'error'],
    ...plan.input,
    ...['-map', '0:v:0', '-vf', plan.filter],
    ...(ffmpeg.hasFpsMode ? ['-fps_mode', 'passthrough'] : ['-vsync', '0']),
    ...(plan.size ? ['-c:v', 'rawvideo', '-f', 'rawvideo'] : ['-strict', '-1', '-f', 'yuv4mpegpipe']),
    // Two pictures may come within one of its periods: counted in the rate's own units, the second would be refused.
    ...['-enc_time_base', '1/1000000'],
    ...['-flush_packets', '1', '-avioflags', 'direct', 'pipe:1'],
  ];
}

/**
 * One FFmpeg that captures, from its start to its end. Resolves with why it ended; null: it was stopped.
 * @param onRunning it delivered its first picture
 */
export async function runCapture(
  ffmpeg: FfmpegBuild,
  plan: CapturePlan,
  sinks: CaptureSinks,
  signal: AbortSignal,
  events: { readonly onPid: (pid: number | undefined) => void; readonly onRunning: () => void },
): Promise<StudioError | null> {
  const lines: string[] = [];
  let pictures = 0;
  let fault: StudioError | null = null;
  const reader = plan.size ? null : new Y4mReader(({ width, height }) => sinks.onSize(width, height), take);
  const failWith = (reason: string): void =>
    end(new StudioError('device-failed', { name: plan.name, reason }, { retryable: true }));
  // No memory for pictures of this size, or no pictures at all.
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      failWith(error instanceof Error ? error.message : String(error));
    }
  };
  const pipe = await openWidePipe(1024 * 1024, (bytes) => {
    if (!fault && !signal.aborted) attempt(() => (reader ? reader.write(bytes) : take(bytes)));
    return true;
  });
  if (signal.aborted) {
    pipe.destroy();
    return null;
  }
  const child = new Child({
    command: ffmpeg.path,
    args: captureArgs(ffmpeg, plan),
    stdio: ['ignore', pipe.childEnd ?? 'pipe', 'pipe'],
    niceness: 5,
    onStderrLine: (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
    },
  });
  pipe.adopt(child.process.stdout);
  events.onPid(child.process.pid);
  let watch = setTimeout(() => stalled(firstPictureMs), firstPictureMs);
  function stalled(ms: number): void {
    failWith(`no picture for ${ms / 1000} s`);
  }
  function take(bytes: Uint8Array): void {
    const completed = sinks.onBytes(bytes);
    if (completed === 0) return;
    if (pictures === 0) {
      clearTimeout(watch);
      watch = setTimeout(() => stalled(stallMs), stallMs);
      events.onRunning();
    }
    pictures += completed;
    watch.refresh();
  }
  function end(error: StudioError | null): void {
    fault ??= error;
    pipe.destroy();
    void child.stop(500);
  }
  const { size } = plan;
  if (size) attempt(() => sinks.onSize(size.width, size.height));
  const stop = (): void => end(null);
  signal.addEventListener('abort', stop, { once: true });
  await child.exited;
  signal.removeEventListener('abort', stop);
  clearTimeout(watch);
  pipe.destroy();
  events.onPid(undefined);
  if (signal.aborted) return null;
  return fault ?? deviceError(lines, plan.name);
}
