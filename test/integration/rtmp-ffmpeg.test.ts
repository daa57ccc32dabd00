import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programPath, requires } from '../support/requires';
import { startRtmpServer } from '../support/rtmp-server';
import { waitFor } from '../support/wait-for';
import type { TestServer } from '../support/rtmp-server';

interface Run {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  output(): string;
}

describe.skipIf(!requires('ffmpeg', 'ffprobe'))('with FFmpeg on both sides', () => {
  let test: TestServer;
  const runs: Run[] = [];

  function run(command: string, args: string[]): Run {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    const started = { child, exited, output: () => output };
    runs.push(started);
    return started;
  }

  const url = (name: string): string => `rtmp://127.0.0.1:${test.server.port}/live/${name}`;

  function publish(key: string): Run {
    const sources =
      '-f lavfi -i testsrc2=size=320x180:rate=30 -f lavfi -i sine=frequency=1000:sample_rate=48000';
    const encoders = '-c:v libx264 -preset ultrafast -tune zerolatency -g 30 -pix_fmt yuv420p -c:a aac';
    const args = `-v error -re ${sources} ${encoders} -f flv`.split(' ');
    return run(programPath('ffmpeg'), [...args, url(key)]);
  }

  beforeEach(async () => {
    test = await startRtmpServer();
  });
  afterEach(async () => {
    for (const { child } of runs) child.kill('SIGKILL');
    await Promise.all(runs.splice(0).map(({ exited }) => exited));
    await test.server.stop();
  });

  it('a published stream plays by its public name, decodes, and ends for players when its key is revoked', async () => {
    const { key, id, publicName } = await test.keys.add('Phone');
    const publisher = publish(key);
    await waitFor(() => test.server.activeStreams()[0]?.codecs.audio === 'aac', 'on air', 20_000);
    expect(test.server.activeStreams()).toMatchObject([
      { name: publicName, codecs: { video: 'h264', audio: 'aac' } },
    ]);

    const decoder = run(
      programPath('ffmpeg'),
      `-v warning -stats -i ${url(publicName)} -frames:v 45 -f null -`.split(' '),
    );
    expect(await decoder.exited).toBe(0);
    expect(decoder.output()).toMatch(/frame=\s*45/);
    expect(decoder.output()).not.toMatch(/error|corrupt|non-existing|invalid/i);

    const probe = run(
      programPath('ffprobe'),
      `-v error -show_entries stream=codec_name,width,height -of csv=p=0 ${url(publicName)}`.split(' '),
    );
    expect(await probe.exited).toBe(0);
    expect(probe.output().trim().split('\n').sort()).toEqual(['aac', 'h264,320,180']);

    const viewer = run(programPath('ffmpeg'), `-v error -i ${url(publicName)} -c copy -f null -`.split(' '));
    await waitFor(() => test.server.stats.players === 1, 'viewer', 20_000);
    const revokedAt = performance.now();
    await test.keys.remove(id);
    await waitFor(() => test.server.activeStreams().length === 0, 'cut off', 1000);
    await Promise.all([publisher.exited, viewer.exited]);
    expect(performance.now() - revokedAt).toBeLessThan(5000);
    // The key is a secret even to those who run the server: not one line of it anywhere.
    expect(viewer.output() + decoder.output() + probe.output()).not.toContain(key);
  });

  it('refuses a wrong key and playing by key', async () => {
    const { key } = await test.keys.add('Phone');
    const wrong = publish('wrong-key');
    expect(await wrong.exited).not.toBe(0);
    const publisher = publish(key);
    await waitFor(() => test.server.activeStreams().length === 1, 'on air', 20_000);
    const thief = run(programPath('ffprobe'), ['-v', 'error', url(key)]);
    expect(await thief.exited).not.toBe(0);
    await waitFor(() => test.server.stats.errors['not-found'] === 1, 'counted');
    expect(test.server.stats.errors).toMatchObject({ key: 1, 'not-found': 1 });
    expect(publisher.child.exitCode).toBeNull();
  });
});
