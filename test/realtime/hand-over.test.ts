import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SettingsPatch } from '../../shared/contract/settings';
import { syncCollection } from '../support/collections';
import { TestEngine, commandLine } from '../support/engine';
import { NginxServer } from '../support/nginx-server';
import { programPath, requires } from '../support/requires';
import { decodeStream, reportSync } from '../support/sync-reader';

const fps = 30;
const kinds = { matroska: 'the video encoder', adts: 'the audio encoder' } as const;

/** When each AAC unit of a stream is to be heard, milliseconds, as it came. */
async function soundTimes(url: string, seconds: number): Promise<number[]> {
  const args = ['-v', 'error', '-nostdin', '-i', url, '-t', String(seconds), '-map', '0:a:0'];
  const child = spawn(programPath('ffmpeg'), [...args, '-c', 'copy', '-f', 'framecrc', 'pipe:1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  await new Promise((resolve) => child.once('close', resolve));
  return text
    .split('\n')
    .filter((line) => /^0,/.test(line))
    .map((line) => Number(line.split(',')[1]));
}

describe.skipIf(!requires('ffmpeg', 'ffprobe', 'nginx'))('another encoder on air', () => {
  let folder: string;
  let nginx: NginxServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hand-over-'));
    nginx = await NginxServer.start();
  });
  afterAll(async () => {
    await nginx.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes over with nobody noticing, and after a crash within a second', async () => {
    writeFileSync(
      join(folder, 'settings.json'),
      JSON.stringify({ isFirstRunDone: true, profile: 'superfast-2t', bitrateKbps: 2500, fps }),
    );
    const collection = syncCollection(folder, 1280, 720);
    const take = join(folder, 'take.mp4');
    await using engine = new TestEngine(
      [
        ...['--http', '0', '--rtmp', '0', '--size', '1280x720', '--collection', collection],
        ...['--record', take],
      ],
      { dataDir: folder },
    );
    await engine.untilReady();
    const processOf = (kind: keyof typeof kinds): number => {
      const pid = engine.children().find((child) => commandLine(child).includes(`\0${kind}\0`));
      if (pid === undefined) throw new Error(`${kinds[kind]} does not run`);
      return pid;
    };
    await engine.call('destination.add', {
      name: 'Far',
      url: nginx.url,
      key: 'a-key',
    });
    await engine.call('live.start', {});
    const far = (outputs: Awaited<ReturnType<TestEngine['snapshot']>>['outputs']) =>
      outputs.find(({ name }) => name === 'Far');
    await engine.until(({ outputs }) => expect(far(outputs)?.status.state).toBe('live'));
    const since = (await engine.snapshot()).outputs.map(({ status }) => status);
    const audioPid = processOf('adts');

    const arrivals: { counter: number | null; atMs: number }[] = [];
    const [seconds, url] = [22, `${engine.rtmpUrl}/program`];
    const watching = decodeStream(url, {
      seconds,
      onFrame: ({ counter }, atMs) => arrivals.push({ counter, atMs }),
    });
    const hearing = soundTimes(url, seconds);
    const viewing = decodeStream(`${nginx.url}/a-key`, { seconds: 12 });
    await engine.until(() => expect(arrivals.length).toBeGreaterThan(fps));

    const planned: SettingsPatch[] = [
      { bitrateKbps: 1500 },
      { profile: 'ultrafast-2t', bitrateKbps: 3000 },
      // The hard way: this one holds pictures half a second longer than the one before.
      { profile: 'veryfast-2t' },
    ];
    for (const patch of planned) await engine.call('settings.update', { patch });
    const plannedUntil = arrivals.at(-1)!.atMs;
    const before = await engine.snapshot();
    expect(before.program.handOvers).toMatchObject(
      planned.map(({ bitrateKbps }) => ({
        ...{ cause: 'planned', lostFrames: 0 },
        ...(bitrateKbps !== undefined && { bitrateKbps }),
      })),
    );
    expect(before.program).toMatchObject({ bitrateKbps: 3000, encoder: { profile: 'veryfast-2t' } });

    process.kill(processOf('matroska'), 'SIGKILL');
    await engine.until(({ program }) => expect(program.handOvers.at(-1)?.cause).toBe('crash'), 5000);
    const [seen, heard, viewed] = await Promise.all([watching, hearing, viewing]);
    const after = await engine.snapshot();
    expect(processOf('adts')).toBe(audioPid);
    const lagged = await engine.metric('compositor_lagged_frames_total');
    await engine.stop();

    // Outputs stayed connected all the time, and the sound came from one process.
    expect(after.outputs.map(({ status }) => status)).toEqual(since);
    expect(after.outputs.every(({ reconnects }) => reconnects === 0)).toBe(true);
    expect(after.notices.map(({ error }) => error.code)).toEqual(['ffmpeg-crashed']);

    // The player: nothing missing, nothing twice (but for what the compositor was late with), no pause.
    const gaps = arrivals.slice(1).map(({ atMs }, at) => ({ atMs, ms: atMs - arrivals[at]!.atMs }));
    const longest = (from: number, to: number): number =>
      Math.max(...gaps.filter(({ atMs }) => atMs > from && atMs <= to).map(({ ms }) => ms));
    const crash = after.program.handOvers.at(-1)!;
    expect(longest(arrivals[0]!.atMs + 500, plannedUntil)).toBeLessThanOrEqual(200);
    expect(longest(plannedUntil, Infinity)).toBeLessThanOrEqual(1000);
    const report = reportSync(seen, fps);
    expect(report).toMatchObject({ unreadable: 0, isRising: true });
    expect(report.repeated).toBeLessThanOrEqual(lagged);
    expect(report.missing).toBeLessThanOrEqual(crash.lostFrames + lagged);
    expect(crash.lostFrames).toBeLessThan(fps);
    expect(report.maxOffsetMs).toBeLessThanOrEqual(40);
    expect(reportSync(viewed, fps)).toMatchObject({ unreadable: 0, isRising: true });

    // The sound: unit after unit of 1024 samples, on one grid from beginning to end. FLV rounds to milliseconds.
    expect(heard.length).toBeGreaterThan(20 * 46);
    heard.forEach((ms, at) => expect(Math.abs(ms - heard[0]! - (at * 1024) / 48)).toBeLessThan(1.5));

    // The recording, in as many files as there were sets of parameters: the same frames, each once.
    const takes = readdirSync(folder)
      .filter((name) => /^take.*\.mp4$/.test(name))
      .sort(byNumber);
    const recorded = [];
    for (const name of takes) recorded.push(...(await decodeStream(join(folder, name))).frames);
    const all = reportSync({ frames: recorded, beepsSec: [], soundSec: 0, messages: [] }, fps);
    expect(all).toMatchObject({ unreadable: 0, isRising: true });
    expect(all.repeated).toBeLessThanOrEqual(lagged);
    expect(all.missing).toBeLessThanOrEqual(crash.lostFrames + lagged);
  });
});

const numberOf = (name: string): number => Number(/ \((\d+)\)\.mp4$/.exec(name)?.[1] ?? 1);
const byNumber = (one: string, other: string): number => numberOf(one) - numberOf(other);
