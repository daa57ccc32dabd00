import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordingWatch } from '../../electron/studio/recording-watch';
import type { RecordingProgress } from '../../electron/studio/recording-watch';
import { waitFor } from '../support/wait-for';

describe('the watch over a recording that runs', () => {
  let folder: string;
  let progress: RecordingProgress | null;
  let nowMs: number;
  let told: string[];
  let watch: RecordingWatch;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'watch-'));
    nowMs = 0;
    told = [];
    progress = { path: join(folder, 'a.mp4'), hasFile: true, durationSec: 0.4, isWaitingForDisk: false };
    writeFileSync(progress.path, '');
    watch = new RecordingWatch({
      progress: () => progress,
      onAlarm: (alarm) => told.push(`${nowMs}: ${alarm ?? 'grows'}`),
      nowMs: () => nowMs,
    });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** looks four times a second for so long */
  const pass = (ms: number, change: Partial<RecordingProgress> = {}): void => {
    if (progress) progress = { ...progress, ...change };
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 250) watch.look();
  };

  it('says nothing while it grows', () => {
    for (let piece = 1; piece < 20; piece++) pass(400, { durationSec: piece * 0.4 });
    expect(told).toEqual([]);
    expect(watch.alarm).toBeNull();
  });

  it('says within two seconds what it waits for, and that it grows again', () => {
    pass(500);
    pass(2000);
    expect(told).toEqual(['1500: encoder']);
    pass(250, { durationSec: 1 });
    pass(2000, { isWaitingForDisk: true });
    expect(told.slice(1)).toEqual(['2500: grows', '4000: disk']);
    expect(watch.alarm).toBe('disk');
    // The next file of the same recording.
    pass(500, { path: join(folder, 'a (2).mp4'), isWaitingForDisk: false });
    expect(told.at(-1)).toMatch(/grows/);
    pass(5000);
    progress = null;
    pass(250);
    expect(told.at(-1)).toMatch(/grows/);
    expect(watch.alarm).toBeNull();
  });

  it('gives a first picture more time, and a disk that takes not even the beginning none', () => {
    pass(4500, { hasFile: false, durationSec: 0 });
    expect(told).toEqual([]);
    pass(1000);
    expect(told).toEqual(['5000: encoder']);
    progress = { path: join(folder, 'b.mp4'), hasFile: false, durationSec: 0, isWaitingForDisk: true };
    pass(2000);
    expect(told.at(-1)).toMatch(/disk/);
  });

  it('counts from the file when its first keyframe took its time, and a waiting disk from when it was asked', () => {
    pass(2000, { hasFile: false, durationSec: 0 });
    pass(1000, { isWaitingForDisk: true });
    pass(1250, { hasFile: true, isWaitingForDisk: false });
    expect(told).toEqual([]);
    pass(500);
    expect(told).toEqual(['4500: encoder']);

    progress = { path: join(folder, 'b.mp4'), hasFile: false, durationSec: 0, isWaitingForDisk: false };
    pass(2000);
    pass(1500, { isWaitingForDisk: true });
    expect(told.slice(1)).toEqual(['4750: grows']);
    pass(250);
    expect(told.slice(2)).toEqual(['8250: disk']);
  });

  it('says within two seconds that the file was taken away, though the disk goes on to take what is written', async () => {
    const { path } = progress!;
    watch = new RecordingWatch({
      progress: () => ({ path, hasFile: true, durationSec: performance.now(), isWaitingForDisk: false }),
      onAlarm: (alarm) => told.push(String(alarm)),
    });
    await watch.start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    rmSync(path);
    const goneAtMs = performance.now();
    await waitFor(() => told.length > 0, 'the alarm');
    expect(told).toEqual(['file-gone']);
    expect(performance.now() - goneAtMs).toBeLessThan(2000);
    await watch.stop();
  });
});
