import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSound } from '../../shared/model/sound';
import { probeMedia } from '../../electron/streaming/sources/media-probe';
import { MediaSource } from '../../electron/streaming/sources/media-source';
import { makeSyncClip, packageFfmpeg, toolFfmpeg } from '../support/media-fixtures';
import { requires } from '../support/requires';
import { plainRequest, testContext } from '../support/source-bench';

type SourceState = MediaSource['state'];

const builds: [string, string, boolean][] = [
  ...(requires('ffmpeg') ? [['the system FFmpeg', toolFfmpeg(), true] as [string, string, boolean]] : []),
  ['the 2018 FFmpeg', packageFfmpeg(), false],
];
const quiet = ['-v', 'error', '-nostdin', '-y'];

let folder = '';
const clip = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'media-refused-'));
  await makeSyncClip({ path: clip('two.mp4'), seconds: 2, fps: 30 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(builds)('a file that %s must not open', (_name, ffmpeg, hasFpsMode) => {
  /** What a source of it says when it is to be shown. */
  const stateOf = async (path: string): Promise<SourceState> => {
    const settings = { id: 'm', name: 'Clip', kind: 'media' as const, path, loop: true, sound: defaultSound };
    const source = new MediaSource(settings, testContext({ ffmpeg, hasFpsMode }));
    await source.start();
    await source.picture(plainRequest, AbortSignal.timeout(20_000)).then(
      ({ release }) => release(),
      () => undefined, // its state tells
    );
    const { state } = source;
    await source.stop();
    return state;
  };

  it.each([
    ['a script', 'script.mp4', /^concat$/, 'ffconcat version 1.0\nfile two.mp4\n'],
    [
      'a playlist',
      'list.mkv',
      /^hls/,
      '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\ntwo.ts\n#EXT-X-ENDLIST\n',
    ],
  ])('is %s that names others, by whatever name', async (_what, name, format, text) => {
    execFileSync(toolFfmpeg(), [...quiet, '-i', clip('two.mp4'), '-c', 'copy', clip('two.ts')]);
    writeFileSync(clip(name), text);
    expect(await stateOf(clip(name))).toMatchObject({
      state: 'failed',
      error: { code: 'media-is-list', details: { path: clip(name), format: expect.stringMatching(format) } },
    });
  });

  it('has pictures so large that a few of them fill the memory', async () => {
    const [small, bomb] = [clip('small.gif'), clip('bomb.gif')];
    execFileSync(toolFfmpeg(), [...quiet, '-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64:r=5', small]);
    const bytes = readFileSync(small);
    for (const at of [6, 8]) bytes.writeUInt16LE(14_000, at);
    writeFileSync(bomb, bytes);
    const details = { path: bomb, width: 14_000, height: 14_000 };
    expect(await stateOf(bomb)).toMatchObject({
      state: 'failed',
      error: { code: 'picture-too-large', details },
    });
    expect((await stateOf(small)).error).toBeNull();
  });

  it('has a size that only its container tells', async () => {
    const large = clip('large.mp4');
    const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-threads', '1', '-pix_fmt', 'yuv420p'];
    const picture = ['-f', 'lavfi', '-i', 'color=gray:s=10010x10010:r=1', '-frames:v', '1'];
    execFileSync(toolFfmpeg(), [...quiet, ...picture, ...video, large]);
    expect((await stateOf(large)).error).toMatchObject({
      ...{ code: 'picture-too-large', details: { path: large, width: 10_010, height: 10_010 } },
    });
  });

  it('is none of the kinds that people have', async () => {
    const from = ['-i', clip('two.mp4'), '-t', '0.5'];
    const made: readonly (readonly [string, ...string[]])[] = [
      ['a.mov', '-c', 'copy'],
      ['a.mkv', '-c', 'copy'],
      ['a.flv', '-c', 'copy'],
      ['a.avi', '-c:v', 'mpeg4', '-c:a', 'mp3'],
      ['a.mpg'],
      ['a.ts'],
      ['a.webm', '-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'],
      ['a.ogg', '-vn', '-c:a', 'libvorbis'],
      ['a.mp3', '-vn'],
      ['a.wav', '-vn'],
      ['a.flac', '-vn'],
      ['a.aac', '-vn'],
      ['a.wmv'],
      ['a.gif', '-an'],
      ['a.png', '-an', '-frames:v', '1'],
      ['a.jpg', '-an', '-frames:v', '1'],
    ];
    for (const [name, ...how] of made) {
      execFileSync(toolFfmpeg(), [...quiet, ...from, ...how, clip(name)], { stdio: 'ignore' });
      const info = await probeMedia(
        testContext({ ffmpeg, hasFpsMode }).ffmpeg,
        clip(name),
        AbortSignal.timeout(10_000),
      );
      expect([name, info.video !== null || info.audioStream !== null]).toEqual([name, true]);
    }
  });
});
