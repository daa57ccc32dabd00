import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VideoCodec } from '../../electron/streaming/interfaces/packet';
import { syncCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { probeFile } from '../support/probe';
import { requires } from '../support/requires';
import { decodeStream, reportSync } from '../support/sync-reader';
import { waitFor } from '../support/wait-for';

const fps = 30;

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('the program in another codec', () => {
  let folder: string;
  let program: string[];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'codecs-'));
    program = ['--size', '320x180', '--fps', String(fps), '--bitrate', '500'];
    program.push('--collection', syncCollection(folder, 320, 180), '--profile', 'auto');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What a player gets over HTTP, and what a recording holds, with every counter and the sound in its place. */
  async function expectProgram(engine: TestEngine, codec: VideoCodec): Promise<void> {
    const { program: shown, encoder } = await engine.snapshot();
    expect(shown.codec).toBe(codec);
    expect(encoder.profiles.map(({ name }) => name)).toEqual([shown.encoder!.profile]);
    expect(encoder.candidates).toMatchObject([{ id: 'libvpx', verdict: 'chosen' }]);

    // Somebody watches while it is recorded.
    const { path } = await engine.call('recording.start', {});
    expect(extname(path)).toBe('.webm');
    const watched = await decodeStream(`${engine.origin}/live/program.webm`, { seconds: 2.5 });
    await engine.call('recording.stop', {});
    const entry = await waitFor(async () => {
      const { recordings } = await engine.snapshot();
      return recordings.find((each) => each.path === path && each.state === 'finished');
    }, 'the end of the recording');
    expect(entry.format).toBe('webm');
    const { durationSec, streams } = probeFile(path);
    expect(streams.map(({ codec: name }) => name)).toEqual([codec, 'opus']);
    expect(durationSec).toBeCloseTo(entry.durationSec, 1);
    for (const stream of [watched, await decodeStream(path)]) {
      expect(stream.frames.length).toBeGreaterThan(fps / 2);
      const report = reportSync(stream, fps);
      expect(report).toMatchObject({ unreadable: 0, isRising: true });
      expect(report.maxOffsetMs).toBeLessThan(5);
    }
    const flv = await fetch(`${engine.origin}/live/program.flv`);
    if (codec === 'vp8')
      expect([flv.status, await flv.text()]).toEqual([406, expect.stringMatching(/VP8.*program\.webm/)]);
    else await flv.body?.cancel();
    await expect(engine.call('encoder.calibrate', {})).rejects.toThrow(/codec-unmeasured/);
  }

  it('is VP8 and Opus as the command line says, and RTMP is told why not', async () => {
    await using engine = await TestEngine.ready([...program, '--codec', 'vp8']);
    await expectProgram(engine, 'vp8');
    const url = 'rtmp://127.0.0.1:9/live';
    const { id } = await engine.call('destination.add', { name: 'Away', url, key: 'k' });
    await engine.call('destination.start', { id });
    const { outputs } = await engine.until((snapshot) =>
      expect(snapshot.outputs.find((output) => output.id === id)?.status).toMatchObject({
        ...{ state: 'failed', error: { code: 'codec-unsupported' } },
      }),
    );
    expect(outputs.filter(({ kind }) => kind === 'local')).toEqual([]);
  });

  it('is VP9 and Opus as it was set, and H.264 again when that is set', async () => {
    const dataDir = join(folder, 'set');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ isFirstRunDone: true, codec: 'vp9' }));
    await using engine = await TestEngine.ready(program, { dataDir });
    await expectProgram(engine, 'vp9');
    await engine.call('settings.update', { patch: { codec: 'h264' } });
    expect((await engine.snapshot()).program).toMatchObject({ codec: 'h264', encoder: { name: 'libx264' } });
    const webm = await fetch(`${engine.origin}/live/program.webm`);
    expect([webm.status, await webm.text()]).toEqual([406, expect.stringMatching(/H\.264.*program\.flv/)]);
    const watched = await decodeStream(`${engine.origin}/live/program.flv`, { seconds: 1 });
    expect(reportSync(watched, fps)).toMatchObject({ unreadable: 0, isRising: true });
  });

  it.each([
    [['--codec', 'vp9', '--record', 'take.mp4'], /cannot hold VP9.*\.webm or \.mkv/],
    [['--record', 'take.webm'], /cannot hold H\.264.*\.mp4 or \.mkv/],
    [['--codec', 'vp8', '--profile', 'veryfast-2t'], /--profile: expected auto/],
  ])('refuses %j before it starts', async (args, sentence) => {
    const engine = new TestEngine(['--http', '0', '--rtmp', '0', ...args]);
    const { code, stderr } = await engine.ended;
    await engine[Symbol.asyncDispose]();
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});
