import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestEngine } from '../support/engine';
import { probeFile } from '../support/probe';
import { programPath, requires } from '../support/requires';

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('the demo, as a newcomer meets it', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'demo-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('plays in 1080p in real time, over RTMP and over HTTP, moving and sounding', async () => {
    const summaryPath = join(folder, 'summary.json');
    await using engine = await TestEngine.ready([
      ...['--fps', '30', '--profile', 'superfast-2t'],
      ...['--summary', summaryPath],
    ]);
    const { scenes, program, sources } = await engine.snapshot();
    expect(scenes.find(({ id }) => id === program.sceneId)?.name).toBe('Demo');
    for (const [name, url] of [
      ['rtmp', `${engine.rtmpUrl}/program`],
      ['http', `${engine.origin}/live/program.flv`],
    ] as const) {
      const file = join(folder, `${name}.mkv`);
      const copied = spawnSync(
        programPath('ffmpeg'),
        ['-v', 'error', '-y', '-i', url, '-t', '5', '-c', 'copy', file],
        { encoding: 'utf8', timeout: 40_000 },
      );
      expect(copied.status, copied.stderr).toBe(0);
      const { streams } = probeFile(file);
      expect(streams.find(({ codec }) => codec === 'h264')).toMatchObject({ width: 1920 });
      expect(streams.some(({ codec }) => codec === 'aac')).toBe(true);
      // A small grey copy of every tenth frame, and the sound: something moves, and something is heard.
      const frames = pictures(file);
      expect(frames.length).toBeGreaterThanOrEqual(10);
      const differences = frames
        .slice(1)
        .map((frame, index) => meanDifference(frame, frames[index] ?? frame));
      expect(differences.filter((difference) => difference > 0.1).length).toBeGreaterThan(frames.length / 2);
      expect(contrast(frames[0] ?? Buffer.alloc(1))).toBeGreaterThan(15);
      expect(loudness(file)).toBeGreaterThan(0.005);
    }
    for (const { state, error } of sources) expect([state, error]).not.toContain('failed');
    await engine.stop();
    const { frames, latencyMs, profile, rssMb } = engine.readSummary(summaryPath);
    expect(frames.composed + frames.lagged).toBe(frames.ticks);
    // What a newcomer sees is the program itself, not a slide show: nearly every tick came out as a picture.
    expect(profile).toBe('superfast-2t');
    expect(frames.encoded / frames.ticks, JSON.stringify(frames)).toBeGreaterThanOrEqual(0.9);
    expect(frames.skipped / frames.ticks, JSON.stringify(frames)).toBeLessThanOrEqual(0.1);
    // In time: the compositor itself is quick, whatever else a shared machine does.
    expect(latencyMs.compose.p50).toBeLessThan(16);
    expect(rssMb).toBeLessThan(400);
  });

  const pictures = (file: string): Buffer[] => {
    const bytes = 192 * 108;
    const { stdout } = spawnSync(
      programPath('ffmpeg'),
      [
        '-v',
        'error',
        '-i',
        file,
        '-vf',
        'select=not(mod(n\\,10)),scale=192:108,format=gray',
        '-vsync',
        '0',
        '-f',
        'rawvideo',
        '-',
      ],
      { maxBuffer: 1e8 },
    );
    return Array.from({ length: Math.floor(stdout.length / bytes) }, (_, index) =>
      stdout.subarray(index * bytes, (index + 1) * bytes),
    );
  };
  const meanDifference = (left: Buffer, right: Buffer): number =>
    left.reduce((sum, value, at) => sum + Math.abs(value - (right[at] ?? 0)), 0) / left.length;
  const contrast = (frame: Buffer): number => {
    const mean = frame.reduce((sum, value) => sum + value, 0) / frame.length;
    return Math.sqrt(frame.reduce((sum, value) => sum + (value - mean) ** 2, 0) / frame.length);
  };
  const loudness = (file: string): number => {
    const raw = join(folder, 'sound.f32');
    spawnSync(programPath('ffmpeg'), [
      '-v',
      'error',
      '-y',
      '-i',
      file,
      '-ac',
      '1',
      '-ar',
      '48000',
      '-f',
      'f32le',
      raw,
    ]);
    const bytes = readFileSync(raw);
    const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
  };
});
