import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../electron/streaming/lib/child';
import { programPath } from './requires';

/** Luma of one decoded picture, rows without padding. */
export interface LumaPicture {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
}

export interface WatchedStream {
  readonly picture: LumaPicture;
  /** the left side, 48 kHz */
  readonly sound: Float32Array;
}

/** What a viewer of this address sees and hears: its sound for so long, and its last picture. */
export async function watchStream(
  url: string,
  size: { readonly width: number; readonly height: number },
  seconds: number,
): Promise<WatchedStream> {
  const folder = mkdtempSync(join(tmpdir(), 'watched-'));
  const [pictures, sound] = [join(folder, 'pictures'), join(folder, 'sound')];
  try {
    const child = new Child({
      command: programPath('ffmpeg'),
      args: [
        ...['-v', 'error', '-nostdin', '-rw_timeout', '15000000', '-i', url, '-t', `${seconds}`],
        ...['-map', '0:v:0', '-vf', 'fps=4,format=gray', '-f', 'rawvideo', pictures],
        // Mixing both sides to one would make what is on both louder by 3 dB.
        ...['-map', '0:a:0', '-t', `${seconds}`, '-af', 'pan=mono|c0=FL'],
        ...['-ar', '48000', '-f', 'f32le', sound],
      ],
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const { code } = await child.exited;
    if (code !== 0) throw new Error(`${url} could not be watched: ${child.lastLine}`);
    const seen = readFileSync(pictures);
    const bytes = size.width * size.height;
    if (seen.length < bytes || seen.length % bytes !== 0)
      throw new Error(`${url}: expected pictures of ${bytes} bytes, found ${seen.length} in all`);
    const heard = readFileSync(sound);
    return {
      picture: { ...size, luma: new Uint8Array(seen.subarray(-bytes)) },
      sound: new Float32Array(heard.buffer.slice(heard.byteOffset, heard.byteOffset + (heard.length & ~3))),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
