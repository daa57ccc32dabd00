import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TestEngine } from '../support/engine';
import { decodeFile, probeFile } from '../support/probe';
import { programPath, requires } from '../support/requires';
import { waitFor } from '../support/wait-for';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const widthOf = (path: string): number | undefined =>
  probeFile(path).streams.find(({ codec }) => codec === 'h264')?.width;

const ntsc = 30_000 / 1001;

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('settings of a running engine', () => {
  it('change the picture without ending the engine, not while recording, and are there at the next start', async () => {
    const settingsFile = join(folder, 'settings.json');
    writeFileSync(
      settingsFile,
      JSON.stringify({ canvas: { width: 320, height: 180 }, fps: 30, bitrateKbps: 500, ofTomorrow: 1 }),
    );
    {
      await using engine = await TestEngine.ready([], { dataDir: folder });
      const before = await engine.snapshot();
      expect(before.program).toMatchObject({ width: 320, height: 180, fps: 30, bitrateKbps: 500 });
      // The test's own command line names a profile.
      expect(before.settings.fixed).toEqual(['profile']);
      expect(before.encoder.profiles.map(({ name }) => name)).toContain('superfast-2t');

      const { path: first } = await engine.call('recording.start', {});
      await expect(engine.call('settings.update', { patch: { fps: 25 } })).rejects.toThrow('on-air');
      await engine.call('settings.update', { patch: { recordingName: '{scene} of {show}' } });
      await waitFor(async () => (await engine.snapshot()).recording.bytes > 0, 'the recording');
      await engine.call('recording.stop', {});
      expect(widthOf(first)).toBe(320);

      await engine.call('settings.update', {
        patch: {
          canvas: { width: 640, height: 360 },
          output: { width: 426, height: 240 },
          // As people write it; what is meant and kept is 30000/1001.
          fps: 29.97,
          bitrateKbps: 400,
        },
      });
      const after = await engine.snapshot();
      expect(after.program).toMatchObject({
        ...{ width: 640, height: 360, output: { width: 426, height: 240 }, fps: ntsc, bitrateKbps: 400 },
        sceneId: before.program.sceneId,
      });
      expect(after.engine.pid).toBe(before.engine.pid);
      expect(after.scenes).toEqual(before.scenes);
      await waitFor(async () => (await engine.snapshot()).engine.ready, 'pictures of the new program');
      await waitFor(
        async () => (await engine.snapshot()).outputs.some(({ status }) => status.state === 'live'),
        'the local stream',
      );
      const { path } = await engine.call('recording.start', {});
      expect(path).toMatch(/ of .*\.mp4$/);
      await waitFor(async () => (await engine.snapshot()).recording.bytes > 20_000, 'the second recording');
      await engine.call('recording.stop', {});
      expect(probeFile(path).streams[0]).toMatchObject({ width: 426, rate: '30000/1001' });
      expect(decodeFile(path).complaints).toBe('');
    }
    expect(JSON.parse(readFileSync(settingsFile, 'utf8'))).toMatchObject({ fps: ntsc, ofTomorrow: 1 });
    await using again = await TestEngine.ready([], { dataDir: folder });
    expect((await again.snapshot()).program).toMatchObject({
      output: { width: 426, height: 240 },
      fps: ntsc,
    });
  });

  it('let going live wait for their program, and be taken back meanwhile', async () => {
    // An encoder that takes its time with one bitrate.
    const wrapper = join(folder, 'ffmpeg-that-dawdles');
    writeFileSync(
      wrapper,
      `#!/bin/sh\ncase " $* " in *" 777k "*) sleep 2;; esac\nexec '${programPath('ffmpeg')}' "$@"\n`,
      { mode: 0o755 },
    );
    await using engine = await TestEngine.ready(['--size', '320x180'], { env: { FFMPEG_BIN: wrapper } });
    await engine.call('destination.add', { name: 'Nobody', url: 'rtmp://127.0.0.1:1/live', key: 'k' });
    const changed = engine.call('settings.update', { patch: { bitrateKbps: 777, fps: 25 } });
    await waitFor(async () => (await engine.snapshot()).program.state !== 'running', 'the change');
    const start = engine.call('live.start', {}).then(
      () => 'begun',
      (error: unknown) => error,
    );
    // Two connections later the start has arrived.
    expect((await engine.snapshot()).live.isLive).toBe(false);
    expect((await engine.snapshot()).program.state).not.toBe('running');
    await engine.call('live.stop', {});
    await changed;
    expect(await start).toMatchObject({ wire: { code: 'live-taken-back' } });
    expect((await engine.snapshot()).live).toEqual({ isLive: false, since: null });
  });

  it('go back whole when no encoder starts with them, and say why; the program goes on', async () => {
    // An encoder that dies at one bitrate, as one does that a driver refuses.
    const wrapper = join(folder, 'ffmpeg-of-moods');
    writeFileSync(
      wrapper,
      `#!/bin/sh\ncase " $* " in *" 777k "*) echo "no such session" >&2; exit 3;; esac\nexec '${programPath('ffmpeg')}' "$@"\n`,
      { mode: 0o755 },
    );
    const dataDir = mkdtempSync(join(folder, 'moods-'));
    const format = { canvas: { width: 320, height: 180 }, fps: 30, bitrateKbps: 500 };
    const settingsFile = join(dataDir, 'settings.json');
    writeFileSync(settingsFile, JSON.stringify({ ...format, isFirstRunDone: true }));
    await using engine = await TestEngine.ready([], { dataDir, env: { FFMPEG_BIN: wrapper } });
    const before = await engine.snapshot();
    const patch = { fps: 25, bitrateKbps: 777, recordingName: '{show} {time}', theme: 'light' } as const;
    const refused = await engine.call('settings.update', { patch }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      wire: {
        code: 'program-unstartable',
        details: { reason: expect.stringMatching(/exit 3: no such session/) as string },
      },
    });
    const after = await engine.snapshot();
    expect(after.settings).toEqual(before.settings);
    expect(after.program).toMatchObject({ fps: 30, bitrateKbps: 500, width: 320, height: 180 });
    expect(after.notices).toEqual(before.notices);
    expect(JSON.parse(readFileSync(settingsFile, 'utf8'))).toMatchObject(format);
    await waitFor(async () => (await engine.snapshot()).engine.ready, 'pictures of the former program');
    const { path } = await engine.call('recording.start', {});
    await waitFor(async () => (await engine.snapshot()).recording.bytes > 20_000, 'a recording of it');
    await engine.call('recording.stop', {});
    expect(decodeFile(path).complaints).toBe('');
    await engine.call('settings.update', { patch: { ...patch, bitrateKbps: 600 } });
    expect((await engine.snapshot()).settings).toMatchObject({ ...patch, bitrateKbps: 600 });
  });
});
