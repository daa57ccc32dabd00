import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlvReader, readAvcTag } from '../../electron/streaming/media/flv-reader';
import { parseAvcConfig, parseSps, x264Options } from '../../electron/streaming/media/h264';
import type { AvcConfig } from '../../electron/streaming/media/h264';
import { syncCollection, writeCollection } from '../support/collections';
import { commandLine, TestEngine } from '../support/engine';
import { programPath, requires } from '../support/requires';

describe.skipIf(!requires('ffmpeg'))('encoder profiles at the running engine', () => {
  let folder: string;
  let collection: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'profiles-'));
    collection = syncCollection(folder, 320, 180);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const program = ['--size', '320x180', '--fps', '30', '--bitrate', '500', '--http', '0', '--rtmp', '0'];

  it('reference-2t is exactly the documented one, read back from the stream that players get', async () => {
    await using engine = new TestEngine([
      ...program,
      '--collection',
      collection,
      '--profile',
      'reference-2t',
    ]);
    await engine.untilReady();
    const { config, options } = await readStream(`${engine.origin}/live/program.flv`);
    expect(Object.fromEntries(options)).toMatchObject({
      threads: '2',
      lookahead_threads: '1',
      sliced_threads: '1',
      rc_lookahead: '10',
      aq: '2:0.90',
      direct: '3',
      me: 'hex',
      subme: '6',
      trellis: '1',
      deblock: '1:1:1',
      psy_rd: '0.80:0.80',
      ref: '1',
      scenecut: '0',
      bitrate: '500',
      vbv_maxrate: '500',
      vbv_bufsize: '500',
      filler: '1',
    });
    expect(parseSps(config.sps[0] ?? new Uint8Array())).toMatchObject({
      profile: 100,
      level: 51,
      width: 320,
      height: 180,
      matrix: 1,
      isFullRange: false,
    });
    // What no stream tells: the argument itself, and that x264 knew every one of them (it only warns of those it does not).
    const encoder = engine
      .children()
      .map(commandLine)
      .find((line) => line.includes('matroska'));
    expect(encoder).toContain('sync-lookahead=0');
    expect(engine.stderr).not.toContain('FFmpeg says');
    const { program: shown } = await engine.snapshot();
    expect(shown.encoder).toMatchObject({ name: 'libx264', profile: 'reference-2t' });
  });

  it('auto measures, says why, and chooses a faster step for a throttled encoder', async () => {
    const size = [
      '--size',
      '640x360',
      '--fps',
      '30',
      '--bitrate',
      '1000',
      '--http',
      '0',
      '--rtmp',
      '0',
      '--collection',
      collection,
      '--profile',
      'auto',
      '--duration',
      '1',
    ];
    const ready = async (env: NodeJS.ProcessEnv, dataDir: string) => {
      await using engine = new TestEngine(size, { env, dataDir });
      await engine.untilReady(60_000);
      const { program: shown, machine } = await engine.snapshot();
      await engine.ended;
      return { ...shown.encoder, machine, stderr: engine.stderr };
    };
    const free = await ready({}, join(folder, 'free'));
    expect(free.reason).toMatch(/pictures a second|in hardware/);
    expect(free.machine.cores).toBeGreaterThan(0);
    expect(free.machine.cpuFeatures.length).toBeGreaterThan(0);
    // Slowed so that the slow steps fall short of 36 pictures a second, whatever the machine.
    const slow = join(folder, 'slow-ffmpeg');
    writeFileSync(
      slow,
      `#!/usr/bin/env node
const { spawn } = require('node:child_process');
const args = process.argv.slice(2);
const line = args.join(' ');
const bytesPerSec = /preset (veryfast)/.test(line) ? 640 * 360 * 1.5 * 20 : Infinity;
const child = spawn(${JSON.stringify(programPath('ffmpeg'))}, args, { stdio: [line.includes('pipe:0') && bytesPerSec < Infinity ? 'pipe' : 'inherit', 'inherit', 'inherit'] });
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('close', (code) => process.exit(code ?? 1));
if (child.stdin) {
  child.stdin.on('error', () => {});
  process.stdin.on('data', (chunk) => {
    process.stdin.pause();
    child.stdin.write(chunk, () => setTimeout(() => process.stdin.resume(), (chunk.length / bytesPerSec) * 1000));
  });
  process.stdin.on('end', () => child.stdin.end());
}
`,
    );
    chmodSync(slow, 0o755);
    const throttled = await ready({ FFMPEG_BIN: slow }, join(folder, 'throttled'));
    expect(['superfast-2t', 'ultrafast-2t']).toContain(throttled.profile);
    expect(throttled.reason).toMatch(/documented profile does only/);
  });
});

/** Where viewers are: colours are what was chosen, however the picture came about and whatever encodes it. */
describe.skipIf(!requires('ffmpeg'))('colours of the program', () => {
  const colors = [
    [255, 255, 255],
    [0, 0, 0],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 0],
    [128, 128, 128],
    [200, 40, 90],
    [15, 90, 170],
    [240, 170, 130],
  ] as const;
  const [width, height] = [320, 180];
  const centreOf = (index: number) => ({ x: 34 + (index % 5) * 63, y: 48 + Math.floor(index / 5) * 85 });
  const hex = (color: readonly number[]): string =>
    `#${color.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  /** at an even and an odd place, turned by half and by a little */
  const places = [
    { beside: 0, rotation: 0 },
    { beside: 1, rotation: 0 },
    { beside: 0, rotation: 180 },
    { beside: 0, rotation: 3 },
  ];

  let folder: string;
  let collection: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'colours-'));
    collection = writeCollection(folder, {
      sources: colors.map((color, index) => ({
        ...{ id: `c${index}`, name: hex(color), kind: 'color', color: hex(color), width: 37, height: 51 },
      })),
      scenes: [
        {
          id: 'patches',
          name: 'Patches',
          items: colors.map((_, index) => {
            const { x, y } = centreOf(index);
            const { beside = 0, rotation = 0 } = places[index % places.length] ?? {};
            const place = { x: x - 30 + beside, y: y - 40, width: 60, height: 80, rotation };
            return { id: `i${index}`, sourceId: `c${index}`, ...place };
          }),
        },
      ],
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['reference-2t', 'veryfast-2t', 'ultrafast-2t'])(
    'come back through BT.709 and H.264 within four levels (%s)',
    async (profile) => {
      await using engine = await TestEngine.ready([
        ...['--size', `${width}x${height}`, '--fps', '30', '--bitrate', '800', '--http', '0', '--rtmp', '0'],
        ...['--collection', collection, '--profile', profile],
      ]);
      const { stdout } = await promisify(execFile)(
        programPath('ffmpeg'),
        [
          ...['-v', 'error', '-i', `${engine.origin}/live/program.flv`, '-an', '-t', '1'],
          ...['-vf', 'scale=flags=accurate_rnd+full_chroma_int', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
        ],
        { encoding: 'buffer', maxBuffer: 2 ** 26, timeout: 20_000 },
      );
      const frameBytes = width * height * 3;
      expect(stdout.length).toBeGreaterThanOrEqual(20 * frameBytes);
      const last = stdout.subarray(stdout.length - frameBytes);
      colors.forEach((color, index) => {
        const { x, y } = centreOf(index);
        const found = [...last.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
        const worst = Math.max(...found.map((value, channel) => Math.abs(value - (color[channel] ?? 0))));
        expect(worst, `${color.join()} came back as ${found.join()}`).toBeLessThanOrEqual(4);
      });
    },
  );
});

/** What a player is told about the stream: the decoder's configuration, and the options x264 wrote into its first picture. */
async function readStream(url: string): Promise<{ config: AvcConfig; options: ReadonlyMap<string, string> }> {
  let config: AvcConfig | undefined;
  let options: ReadonlyMap<string, string> | null = null;
  const reader = new FlvReader((tag) => {
    if (tag.type !== 'video') return;
    const body = readAvcTag(tag.data);
    if (body.kind === 'config') config = parseAvcConfig(body.data);
    else if (body.kind !== 'end') options ??= x264Options(body.data);
  });
  const stop = new AbortController();
  const response = await fetch(url, { signal: AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)]) });
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    reader.push(Buffer.from(chunk));
    if (config && options) break;
  }
  stop.abort();
  if (!config || !options) throw new Error('the stream told neither its configuration nor its options');
  return { config, options };
}
