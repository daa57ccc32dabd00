import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSyncClip, packageFfmpeg, syncFrame, syncSound, toolFfmpeg } from '../support/media-fixtures';
import { decodeStream, findBeeps, readSyncPicture, reportSync } from '../support/sync-reader';

let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'sync-reader-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the sync reader', () => {
  it('reads counter and flash back from pictures of any size', () => {
    for (const [width, height] of [
      [320, 180],
      [1920, 1080],
      [854, 480],
      [130, 74],
    ] as const) {
      for (const frame of [0, 1, 60, 0x123456, 0xffffff]) {
        const read = readSyncPicture(syncFrame(frame, 60, width, height), width, height);
        expect(read).toEqual({ counter: frame, isFlash: frame === 0 || frame === 60 || frame % 60 < 3 });
      }
    }
  });

  it('does not read a counter out of a picture without one', () => {
    expect(readSyncPicture(new Uint8Array(320 * 180).fill(235), 320, 180).counter).toBeNull();
  });

  it('finds beeps within a millisecond of where they begin', () => {
    const beeps = findBeeps(syncSound(30, 3).subarray(20_000 * 2));
    expect(beeps).toHaveLength(2);
    expect((beeps[0] ?? 0) + 20_000 - 48_000).toBeLessThan(48);
    expect((beeps[0] ?? 0) + 20_000 - 48_000).toBeGreaterThanOrEqual(0);
  });

  it('measures a coded file: every frame in order, sound and picture together', async () => {
    const path = join(folder, 'aligned.mp4');
    await makeSyncClip({ path, seconds: 4, fps: 30 });
    for (const ffmpeg of new Set([toolFfmpeg(), packageFfmpeg()])) {
      const decoded = await decodeStream(path, { ffmpeg });
      expect(decoded.frames.map((frame) => frame.counter)).toEqual(Array.from({ length: 120 }, (_, n) => n));
      expect(decoded.frames[60]?.ptsSec).toBeCloseTo(2, 3);
      const report = reportSync(decoded, 30);
      expect(report).toMatchObject({ missing: 0, repeated: 0, unreadable: 0, isRising: true });
      expect(report.offsetsMs).toHaveLength(3);
      expect(report.maxOffsetMs).toBeLessThan(3);
    }
  });

  it('sees what is wrong: sound shifted by 100 ms, frames left out', async () => {
    const path = join(folder, 'shifted.mkv');
    await makeSyncClip({
      path,
      seconds: 3,
      fps: 30,
      audioArgs: ['-af', 'adelay=100|100', '-c:a', 'aac', '-b:a', '128k'],
    });
    const decoded = await decodeStream(path);
    for (const offsetMs of reportSync(decoded, 30).offsetsMs) {
      expect(offsetMs).toBeGreaterThan(97);
      expect(offsetMs).toBeLessThan(103);
    }
    const cut = { ...decoded, frames: decoded.frames.filter((_, index) => index !== 40 && index !== 41) };
    expect(reportSync(cut, 30)).toMatchObject({ missing: 2, isRising: true });
    expect(reportSync(cut, 30).longestGapMs).toBeCloseTo(100, 0);
  });

  it('stops by itself after the wanted time', async () => {
    const path = join(folder, 'long.mp4');
    await makeSyncClip({ path, seconds: 6, fps: 30, hasSound: false });
    const decoded = await decodeStream(path, { seconds: 2, hasSound: false, inputArgs: ['-re'] });
    expect(decoded.frames.length).toBeGreaterThanOrEqual(60);
    expect(decoded.frames.length).toBeLessThan(120);
  });
});
