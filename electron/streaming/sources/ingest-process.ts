import type { Readable } from 'node:stream';
import { rateText } from '../../../shared/model/frame-rate';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import { Child, describeExit } from '../lib/child';
import { StudioError } from '../lib/errors';
import { openWidePipe } from '../lib/wide-pipe';
import { pictureLimitArgs } from './media-input';
import { FloatStream } from './float-stream';
import { Y4mReader } from './y4m-reader';
import type { Y4mFormat } from './y4m-reader';

/** How a stream is played. Another plan needs another process. */
export interface IngestPlan {
  readonly url: string;
  /** as people know it */
  readonly name: string;
  readonly hasPicture: boolean;
  readonly hasSound: boolean;
}

export interface IngestSinks {
  onFormat(format: Y4mFormat): void;
  /** bytes of pictures at exactly the format's rate, from the stream's first instant on. @returns how many were taken */
  onPictures(bytes: Uint8Array): number;
  /** interleaved stereo at 48 kHz, from the same instant on */
  onSound(samples: Float32Array): void;
  /** nothing has come for a while, picture or sound; told again and again until something does */
  onQuiet(): void;
}

/** Nothing for so long: the connection is dead although nobody said so. Our server gives a silent publisher up before. */
const stallMs = 15_000;
/** FFmpeg looks at up to two seconds of a stream before it gives anything of it. */
const beginMs = 4000;
/** An encoder sends something all the time, be it silence and the same picture; of slow pictures two may be missing. */
const quietMs = 500;
const missingPictures = 2.5;
const lookMs = 50;

/**
 * Pictures at a constant rate and sound without holes, both counted from the same instant, so that they stay together
 * by construction (see `decoderArgs` in media-plan.ts).
 */
export function ingestArgs(ffmpeg: FfmpegBuild, plan: IngestPlan, programFps: number): string[] {
  const most = rateText(programFps);
  // A build without `-fps_mode` is too old for `source_fps` as well.
  const fps = ffmpeg.hasFpsMode ? `min(source_fps\\,${most})` : most;
  const scale = 'scale=w=trunc(iw/2)*2:h=trunc(ih/2)*2:flags=bilinear:out_color_matrix=bt709:out_range=tv';
  return [
    ...['-hide_banner', '-nostdin', '-v', 'level+warning'],
    ...['-fflags', 'nobuffer', '-analyzeduration', '2000000', '-probesize', '2000000'],
    ...pictureLimitArgs,
    ...['-rtmp_live', 'live', '-i', plan.url],
    ...(plan.hasPicture
      ? [
          ...['-map', '0:v:0', '-vf', `fps=fps=${fps}:start_time=0,${scale},format=yuv420p`],
          ...(ffmpeg.hasFpsMode ? ['-fps_mode', 'passthrough'] : ['-vsync', '0']),
          ...['-strict', '-1', '-f', 'yuv4mpegpipe', '-flush_packets', '1', 'pipe:1'],
        ]
      : []),
    ...(plan.hasSound
      ? [
          ...['-map', '0:a:0', '-af', 'aresample=48000:async=1:min_hard_comp=0.05:first_pts=0', '-ac', '2'],
          ...['-c:a', 'pcm_f32le', '-f', 'f32le', '-flush_packets', '1', 'pipe:3'],
        ]
      : []),
  ];
}

/** What a stream turned out to be without, from FFmpeg's words; null: that was not the matter. */
export function missingPart(lines: readonly string[], plan: IngestPlan): 'picture' | 'sound' | null {
  const [, kind] = /'0:([av]):0' matches no streams/.exec(lines.join('\n')) ?? [];
  if (kind === 'v' && plan.hasSound) return 'picture';
  if (kind === 'a' && plan.hasPicture) return 'sound';
  return null;
}

export type IngestEnd =
  | { readonly what: 'stopped' }
  | { readonly what: 'missing'; readonly part: 'picture' | 'sound' }
  | { readonly what: 'ended'; readonly error: StudioError };

/** One FFmpeg that plays a stream from our own RTMP server, until the stream ends or it is stopped. */
export class IngestProcess {
  readonly ended: Promise<IngestEnd>;
  #resume: () => void = () => undefined;
  #fail: (reason: string) => void = () => undefined;
  #pid: number | undefined;

  constructor(
    ffmpeg: FfmpegBuild,
    plan: IngestPlan,
    programFps: number,
    sinks: IngestSinks,
    signal: AbortSignal,
  ) {
    this.ended = this.#run(ffmpeg, plan, programFps, sinks, signal);
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** There is room for pictures again. */
  resume(): void {
    this.#resume();
  }

  /** What it gave cannot be shown: it ends with this reason, in words. */
  fail(reason: string): void {
    this.#fail(reason);
  }

  async #run(
    ffmpeg: FfmpegBuild,
    plan: IngestPlan,
    programFps: number,
    sinks: IngestSinks,
    signal: AbortSignal,
  ): Promise<IngestEnd> {
    const lines: string[] = [];
    let fault: string | null = null;
    /** what found no room, to be offered again */
    let rest: Buffer | null = null;
    let mostQuietMs = beginMs;
    let ownQuietMs = quietMs;
    /** counted in looks: while we stand still ourselves, nobody else is quiet */
    let quietForMs = 0;
    const heard = (): void => {
      mostQuietMs = ownQuietMs;
      quietForMs = 0;
    };
    const reader = new Y4mReader(
      (format) => {
        mostQuietMs = ownQuietMs = Math.max(quietMs, (missingPictures * 1000) / format.fps);
        sinks.onFormat(format);
      },
      (bytes) => {
        const taken = rest ? 0 : sinks.onPictures(bytes);
        if (taken < bytes.length) {
          const left = bytes.subarray(taken);
          rest = rest ? Buffer.concat([rest, left]) : Buffer.from(left);
        }
      },
    );
    const fail = (reason: string): void => {
      fault ??= reason;
      end();
    };
    this.#fail = fail;
    const guarded = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error));
      }
    };
    const pipe = await openWidePipe(1024 * 1024, (bytes) => {
      heard();
      if (fault === null && !signal.aborted) guarded(() => reader.write(bytes));
      return rest === null;
    });
    this.#resume = () => {
      if (!rest || signal.aborted) return;
      const waiting = rest;
      guarded(() => {
        const taken = sinks.onPictures(waiting);
        rest = taken < waiting.length ? waiting.subarray(taken) : null;
      });
      if (!rest) pipe.resume();
    };
    const child = new Child({
      command: ffmpeg.path,
      args: ingestArgs(ffmpeg, plan, programFps),
      stdio: ['ignore', pipe.childEnd ?? 'pipe', 'pipe', 'pipe'],
      niceness: 5,
      onStderrLine: (line) => {
        lines.push(line);
        if (lines.length > 20) lines.shift();
      },
    });
    this.#pid = child.process.pid;
    pipe.adopt(child.process.stdout);
    const end = (): void => {
      pipe.destroy();
      sound?.destroy();
      void child.stop(300);
    };
    const watch = setInterval(() => {
      // Held back by us it has nothing to say.
      if (rest || fault !== null || signal.aborted) return;
      quietForMs += lookMs;
      if (quietForMs > stallMs) fail(`nothing came for ${stallMs / 1000} s`);
      else if (quietForMs >= mostQuietMs) guarded(() => sinks.onQuiet());
    }, lookMs);
    const sound = child.process.stdio[3] as Readable | null | undefined;
    const floats = new FloatStream((samples) => sinks.onSound(samples));
    sound?.on('error', () => undefined); // the exit tells
    sound?.on('data', (bytes: Buffer) => {
      heard();
      if (fault === null && !signal.aborted) guarded(() => floats.write(bytes));
    });
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    const exit = await child.exited;
    signal.removeEventListener('abort', end);
    clearInterval(watch);
    pipe.destroy();
    this.#pid = undefined;
    if (signal.aborted) return { what: 'stopped' };
    const part = missingPart(lines, plan);
    if (part) return { what: 'missing', part };
    const lastLine = lines
      .findLast((line) => /\[(error|fatal)\]/.test(line))
      ?.replace(/^.*\[(error|fatal)\] /, '');
    const reason = fault ?? lastLine ?? describeExit(exit);
    return {
      what: 'ended',
      error: new StudioError('device-failed', { name: plan.name, reason }, { retryable: true }),
    };
  }
}
