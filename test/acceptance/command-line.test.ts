import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { paths } from '../../electron/streaming/lib/paths';
import { isAlive, TestEngine } from '../support/engine';
import { testBuilds } from '../support/ffmpeg-builds';

const small = ['--size', '320x180', '--fps', '30', '--bitrate', '500'];

let folder: string;
let busy: Server;
let busyPort: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  busyPort = (busy.address() as AddressInfo).port;
});
afterEach(() => {
  busy.close();
  rmSync(folder, { recursive: true, force: true });
});

/** the last line of stderr: the one sentence a person reads */
const sentence = (stderr: string): string => stderr.trimEnd().split('\n').at(-1) ?? '';

describe('the engine refuses with one clear sentence and exit 2', () => {
  const free = ['--http', '0', '--rtmp', '0', '--profile', 'superfast-2t'];
  it.each([
    ['an unknown option', ['--colour', 'red'], /--colour: expected an option/],
    ['a host that is not loopback', ['--http', '0.0.0.0:0'], /--http: expected a loopback address/],
    [
      'an unknown profile',
      ['--http', '0', '--rtmp', '0', '--profile', 'placebo'],
      /no encoder profile “placebo”.*reference-2t/,
    ],
    ['an unknown scene', [...free, '--scene', 'Nowhere'], /no scene “Nowhere”/],
    [
      'a destinations file that does not exist',
      [...free, '--destinations', '/nowhere/destinations'],
      /\/nowhere\/destinations/,
    ],
  ])('%s', async (_what, args, expected) => {
    await using engine = new TestEngine(args, { dataDir: join(folder, 'data') });
    const { code, stdout, stderr } = await engine.ended;
    expect(sentence(stderr)).toMatch(expected);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(existsSync(join(folder, 'data', 'engine.lock'))).toBe(false);
  });

  it('a data folder that cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    await using engine = new TestEngine(free, { dataDir: join(folder, 'file') });
    const { code, stderr } = await engine.ended;
    expect(sentence(stderr)).toMatch(/cannot be written/);
    expect(code).toBe(2);
  });

  it('an HTTP port in use', async () => {
    await using engine = new TestEngine(['--http', String(busyPort), '--rtmp', '0'], {
      dataDir: join(folder, 'data'),
    });
    const { code, stderr } = await engine.ended;
    expect(sentence(stderr)).toMatch(new RegExp(`Port ${busyPort} .*already in use`));
    expect(code).toBe(2);
    expect(readdirSync(join(folder, 'data'))).not.toContain('engine.lock');
  });

  it('and leaves no summary of a run that never was', async () => {
    const summary = join(folder, 'summary.json');
    const args = ['--http', String(busyPort), '--rtmp', '0', '--summary', summary];
    await using engine = new TestEngine(args, { dataDir: join(folder, 'data') });
    expect((await engine.ended).code).toBe(2);
    expect(existsSync(summary)).toBe(false);
  });

  it('a second engine on the same data folder', async () => {
    await using engine = await TestEngine.ready(small);
    await using second = new TestEngine(free, { dataDir: engine.dataDir });
    const { code, stderr } = await second.ended;
    expect(sentence(stderr)).toMatch(new RegExp(`already runs .*process ${engine.pid}`));
    expect(code).toBe(2);
    expect((await fetch(`${engine.origin}/healthz`)).status).toBe(200);
  });
});

describe('the running engine', () => {
  it('prints only the ready line, says it is healthy, and stops within 5 s leaving no child', async () => {
    await using engine = await TestEngine.ready(small);
    expect(await (await fetch(`${engine.origin}/healthz`)).json()).toEqual({ ready: true });
    const children = engine.children();
    expect(children.length).toBeGreaterThanOrEqual(3);
    const begun = Date.now();
    const { code, stdout } = await engine.stop('SIGINT');
    expect(Date.now() - begun).toBeLessThan(5000);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ready http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43} rtmp:\/\/127\.0\.0\.1:\d+\/live\n$/,
    );
    expect(children.filter(isAlive)).toEqual([]);
    expect(readdirSync(engine.dataDir)).not.toContain('engine.json');
  });

  it('ends in order when its terminal goes away, whatever a foreign page has half open', async () => {
    const take = join(folder, 'take.mp4');
    await using engine = await TestEngine.ready([...small, '--record', take], {
      dataDir: join(folder, 'data'),
    });
    await engine.advance(45);
    const foreign = connect(Number(new URL(engine.origin).port), '127.0.0.1');
    foreign.on('error', () => undefined);
    const upgrade =
      'GET /ws HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const answer = await new Promise<Buffer>((resolve) => {
      foreign.once('data', resolve);
      foreign.write(upgrade);
    });
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 403/);
    const { code } = await engine.stop('SIGHUP');
    foreign.destroy();
    expect(code).toBe(0);
    expect(readdirSync(join(folder, 'data'))).not.toContain('engine.lock');
    expect(existsSync(take)).toBe(true);
  });

  it('uses the FFmpeg of the settings, and leaves settings it cannot read as they are', async () => {
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    const builds = await testBuilds();
    const other = builds.find(({ origin }) => origin === '@ffmpeg-installer/ffmpeg');
    writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ ffmpegPath: other?.path }));
    const { FFMPEG_BIN: _chosen, ...env } = process.env;
    {
      await using engine = await TestEngine.ready(small, { dataDir, env: { ...env, FFMPEG_BIN: '' } });
      expect((await engine.snapshot()).ffmpeg).toMatchObject({ path: other?.path, origin: 'setting' });
    }
    writeFileSync(join(dataDir, 'settings.json'), '{"ffmpegPath":');
    await using engine = await TestEngine.ready(small, { dataDir, env: { ...env, FFMPEG_BIN: '' } });
    expect((await engine.snapshot()).ffmpeg?.origin).not.toBe('setting');
    expect(readFileSync(join(dataDir, 'settings.json'), 'utf8')).toBe('{"ffmpegPath":');
  });

  it('is left by its children within 1 s when it is killed', async () => {
    await using engine = await TestEngine.ready(small);
    const children = engine.children();
    await engine.stop('SIGKILL');
    await expect.poll(() => children.filter(isAlive), { timeout: 3000 }).toEqual([]);
  });

  it('shows a taken RTMP port as degraded, and another port mends it', async () => {
    await using engine = new TestEngine([
      '--http',
      '0',
      '--rtmp',
      String(busyPort),
      '--profile',
      'superfast-2t',
      ...small,
    ]);
    await engine.untilReady();
    const degraded = await engine.until(({ ingest }) => expect(ingest.state).toBe('degraded'));
    expect(degraded.ingest.error).toEqual({
      code: 'port-in-use',
      details: { port: busyPort, purpose: 'rtmp' },
    });
    const { port } = await engine.call('ingest.setPort', { port: 0 });
    const mended = await engine.until(({ ingest, outputs }) => {
      expect(ingest.state).toBe('running');
      expect(outputs[0]?.status.state).toBe('live');
    });
    expect(mended.ingest.port).toBe(port);
    expect(mended.notices).toEqual([]);
  });

  it('stops by itself after --duration and writes a summary that adds up', async () => {
    const summaryPath = join(folder, 'summary.json');
    await using engine = new TestEngine([
      '--http',
      '0',
      '--rtmp',
      '0',
      '--profile',
      'superfast-2t',
      ...small,
      '--duration',
      '3',
      '--record',
      join(folder, 'take.mp4'),
      '--summary',
      summaryPath,
    ]);
    const { code } = await engine.ended;
    expect(code).toBe(0);
    const summary = engine.readSummary(summaryPath);
    expect(summary).toMatchObject({ size: '320x180', fps: 30, profile: 'superfast-2t', encoder: 'libx264' });
    expect(summary.frames.composed + summary.frames.lagged).toBe(summary.frames.ticks);
    expect(summary.frames.ticks).toBeGreaterThanOrEqual(90);
    expect(summary.frames.encoded + summary.frames.skipped).toBeLessThanOrEqual(summary.frames.ticks);
    expect(summary.cpuMsPerFrame.encoder).toBeGreaterThan(0);
    expect(summary.cpuMsPerFrame.total).toBeCloseTo(
      summary.cpuMsPerFrame.engine +
        summary.cpuMsPerFrame.rtmp +
        summary.cpuMsPerFrame.encoder +
        summary.cpuMsPerFrame.sources,
      1,
    );
    expect(summary.latencyMs.rtmp.p50).toBeGreaterThan(0);
    expect(summary.outputs.map(({ name }) => name)).toContain('Local RTMP server');
    expect(summary.recording).toMatchObject({ path: join(folder, 'take.mp4') });
    expect(summary.recording?.durationSec).toBeGreaterThan(2);
  });

  it('ends in order when stdin closes under a launcher: recording finished, summary written, folder free', async () => {
    const summaryPath = join(folder, 'summary.json');
    await using engine = await TestEngine.ready(
      [...small, '--parent-pipe', '--record', join(folder, 'take.mp4'), '--summary', summaryPath],
      { dataDir: join(folder, 'data') },
    );
    await engine.advance(45);
    engine.process.stdin?.end();
    const { code } = await engine.ended;
    expect(code).toBe(0);
    expect(engine.readSummary(summaryPath).recording?.durationSec).toBeGreaterThan(1);
    expect(readdirSync(join(folder, 'data'))).not.toContain('engine.lock');
  });

  it.each(['real', 'max'])(
    'a run shorter than the encoder’s own delay ends too (clock %s)',
    async (clock) => {
      const summaryPath = join(folder, 'summary.json');
      const args = [...small, '--http', '0', '--rtmp', '0', '--profile', 'veryfast-2t', '--clock', clock];
      await using engine = new TestEngine([...args, '--duration', '0.2', '--summary', summaryPath]);
      expect((await engine.ended).code).toBe(0);
      expect(engine.readSummary(summaryPath).frames).toMatchObject({ ticks: 6, encoded: 6 });
    },
  );

  it('--summary - prints the summary on stdout, after the ready line', async () => {
    await using engine = new TestEngine([
      '--http',
      '0',
      '--rtmp',
      '0',
      '--profile',
      'superfast-2t',
      ...small,
      '--clock',
      'max',
      '--duration',
      '2',
      '--summary',
      '-',
    ]);
    const { stdout } = await engine.ended;
    const [ready, ...rest] = stdout.split('\n');
    expect(ready).toMatch(/^ready /);
    expect(JSON.parse(rest.join('\n'))).toMatchObject({
      durationSec: 2,
      frames: { ticks: 60, lagged: 0, skipped: 0, encoded: 60 },
    });
  });
});

describe('keys on the command line', () => {
  const runKeys = (dataDir: string, args: string[]) =>
    spawnSync(process.execPath, [paths.engine, 'keys', ...args, '--data-dir', dataDir], { encoding: 'utf8' });

  it('add prints the key alone, list the names, remove takes one away; nothing on disk holds the key', async () => {
    const added = runKeys(folder, ['add', 'phone']);
    expect(added.stdout).toMatch(/^[\w-]{43}\n$/);
    expect(runKeys(folder, ['add', 'obs', '--key', 'my-own-key']).stdout).toBe('my-own-key\n');
    expect(runKeys(folder, ['list']).stdout).toBe('phone\nobs\n');
    const twice = runKeys(folder, ['add', 'phone']);
    expect(twice.status).toBe(2);
    expect(twice.stderr).toMatch(/named “phone” already exists/);
    expect(runKeys(folder, ['remove', 'phone']).status).toBe(0);
    expect(runKeys(folder, ['list']).stdout).toBe('obs\n');
    expect(runKeys(folder, ['remove', 'phone']).status).toBe(2);
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain('my-own-key');
  });

  it('beside an engine that hangs says so and exits with 2', async () => {
    await using engine = await TestEngine.ready(small);
    process.kill(engine.pid, 'SIGSTOP');
    const added = runKeys(engine.dataDir, ['add', 'phone']);
    process.kill(engine.pid, 'SIGCONT');
    expect(added.stderr).toMatch(new RegExp(`process ${engine.pid}\\) does not answer: it said nothing`));
    expect([added.status, added.stdout]).toEqual([2, '']);
  });

  it('works beside a running engine, which sees it at once', async () => {
    await using engine = await TestEngine.ready(small);
    const added = runKeys(engine.dataDir, ['add', 'phone']);
    expect(added.stdout).toMatch(/^[\w-]{43}\n$/);
    expect((await engine.snapshot()).keys.map(({ name }) => name)).toEqual(['phone']);
    expect(runKeys(engine.dataDir, ['remove', 'phone']).status).toBe(0);
    expect((await engine.snapshot()).keys).toEqual([]);
  });
});
