import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { SyncBeep } from '../../electron/streaming/sources/sync-beep';
import { isSyncFlash, syncBits, syncLayout } from '../../electron/streaming/interfaces/sync-pattern';
import type { Rect } from '../../electron/streaming/interfaces/sync-pattern';
import { findProgram } from './requires';

/** The 2018 build that comes with the packages. @throws Error on a platform that it does not come for */
export const packageFfmpeg = (): string =>
  (createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string }).path;

/** The FFmpeg that tests use as a tool (not the one under test): the system's where there is one. */
export const toolFfmpeg = (): string => findProgram('ffmpeg') ?? packageFfmpeg();

export const black = 16;
export const grey = 126;
export const white = 235;

function fill(plane: Uint8Array, stride: number, rect: Rect, value: number): void {
  for (let row = rect.y; row < rect.y + rect.height; row += 1)
    plane.fill(value, row * stride + rect.x, row * stride + rect.x + rect.width);
}

/** One picture of the sync pattern as I420 (BT.709 limited), drawn from the shared definition. */
export function syncFrame(frameIndex: number, fps: number, width: number, height: number): Uint8Array {
  const luma = width * height;
  const frame = new Uint8Array(luma * 1.5).fill(128, luma);
  const plane = frame.subarray(0, luma).fill(grey);
  const layout = syncLayout(width, height);
  fill(plane, width, layout.flash, isSyncFlash(frameIndex, fps) ? white : black);
  syncBits(frameIndex).forEach((bit, index) => fill(plane, width, layout.cell(index), bit ? white : black));
  return frame;
}

/** The sound of the sync pattern, interleaved stereo from sample 0. */
export function syncSound(fps: number, seconds: number): Float32Array {
  const samples = new Float32Array(Math.round(seconds * 48_000) * 2);
  new SyncBeep(fps).render(0, samples);
  return samples;
}

export interface SyncClip {
  readonly path: string;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  /** an FFmpeg rate, where fps is no whole number: `30000/1001` */
  readonly rate?: string;
  readonly seconds: number;
  readonly soundSeconds?: number;
  readonly hasSound?: boolean;
  readonly videoArgs?: readonly string[];
  readonly audioArgs?: readonly string[];
}

/** Writes a media file that shows and sounds the sync pattern, counter from 0. */
export async function makeSyncClip(clip: SyncClip): Promise<void> {
  const { width = 320, height = 180, fps = 30, seconds, hasSound = true } = clip;
  const { videoArgs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18', '-g', '30'] } = clip;
  const { audioArgs = ['-c:a', 'aac', '-b:a', '128k'] } = clip;
  const args = ['-v', 'error', '-nostdin', '-y'];
  args.push('-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`);
  args.push('-r', clip.rate ?? String(fps), '-i', 'pipe:0');
  if (hasSound) args.push('-f', 'f32le', '-ar', '48000', '-ac', '2', '-i', 'pipe:3', ...audioArgs);
  args.push(...videoArgs, '-colorspace', 'bt709', '-color_range', 'tv', clip.path);
  const child = spawn(toolFfmpeg(), args, { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
  let words = '';
  child.stderr?.on('data', (text: Buffer) => (words += text.toString()));
  const closed = once(child, 'close');
  const sound = child.stdio[3];
  if (sound && 'end' in sound) {
    sound.on('error', () => undefined);
    sound.end(hasSound ? Buffer.from(syncSound(fps, clip.soundSeconds ?? seconds).buffer) : undefined);
  }
  child.stdin?.on('error', () => undefined);
  for (let frame = 0; frame < Math.round(seconds * fps); frame += 1) {
    if (!child.stdin?.write(syncFrame(frame, fps, width, height)) && !child.killed)
      await Promise.race([once(child.stdin ?? child, 'drain'), closed]);
  }
  child.stdin?.end();
  const [code] = (await closed) as [number | null];
  if (code !== 0) throw new Error(`ffmpeg could not make ${clip.path}: ${words.trim()}`);
}
