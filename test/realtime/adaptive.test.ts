import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Child } from '../../electron/streaming/lib/child';
import { syncCollection } from '../support/collections';
import { TestEngine } from '../support/engine';
import { NarrowPath, canMakeNetworks } from '../support/narrow-path';
import { programPath, requires } from '../support/requires';
import { decodeStream } from '../support/sync-reader';

const fps = 30;
const rtmpModule = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
const isPossible = requires('ffmpeg', 'nginx', 'ip', 'tc') && canMakeNetworks();

/** A platform behind the path: whoever publishes is played. */
function platform(path: NarrowPath, folder: string): Child {
  writeFileSync(
    join(folder, 'nginx.conf'),
    `load_module ${rtmpModule}; daemon off; master_process off; pid nginx.pid; error_log error.log;
     events { worker_connections 64; }
     rtmp { server { listen ${path.far}:1935; application live { live on; wait_key on; } } }`,
  );
  const [command = '', ...before] = path.inside;
  return new Child({
    command,
    args: [...before, programPath('nginx'), '-p', folder, '-c', 'nginx.conf', '-e', 'error.log'],
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

describe.skipIf(!isPossible)('a network that becomes too narrow', () => {
  it('6 → 2 → 6 Mbit/s: the viewer is in time again within 10 s, and the rate comes back within 30 s', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'adaptive-'));
    using path = new NarrowPath(6000, 64_000);
    const far = platform(path, folder);
    try {
      writeFileSync(
        join(folder, 'settings.json'),
        JSON.stringify({ isFirstRunDone: true, profile: 'superfast-2t', bitrateKbps: 5500, fps }),
      );
      const size = ['--size', '1280x720', '--collection', syncCollection(folder, 1280, 720)];
      await using engine = new TestEngine(['--http', '0', '--rtmp', '0', ...size], { dataDir: folder });
      await engine.untilReady();
      const url = `rtmp://${path.far}:1935/live`;
      await engine.call('destination.add', { name: 'Far', url, key: 'a-key', isAdaptive: true });
      await engine.call('live.start', {});
      await engine.until(({ outputs }) =>
        expect(outputs.find(({ name }) => name === 'Far')?.status.state).toBe('live'),
      );

      const shown: { counter: number; atMs: number }[] = [];
      const watching = decodeStream(`${url}/a-key`, {
        seconds: 300,
        deadlineMs: 70_000,
        hasSound: false,
        onFrame: ({ counter }, atMs) => counter !== null && shown.push({ counter, atMs }),
      });
      await engine.until(() => expect(shown.length).toBeGreaterThan(4 * fps));
      const lags = shown.slice(-3 * fps).map(({ counter, atMs }) => atMs - (counter * 1000) / fps);
      const usualMs = lags.toSorted((a, b) => a - b)[lags.length >> 1]!;
      /** how much later than usual what is seen at this moment is */
      const lagMs = (atMs: number): number => {
        const last = shown.findLast((frame) => frame.atMs <= atMs)!;
        return atMs - (last.counter * 1000) / fps - usualMs;
      };
      const lowered = async (): Promise<number | null> =>
        (await engine.snapshot()).program.lowered?.kbps ?? null;
      const narrowAt = performance.now();
      path.carry(2000);
      const log: { sec: number; lagMs: number; kbps: number | null }[] = [];
      const follow = async (untilMs: number, isDone = (): boolean => false): Promise<void> => {
        while (performance.now() < untilMs && !isDone()) {
          await sleep(250);
          const nowMs = performance.now();
          log.push({
            sec: (nowMs - narrowAt) / 1000,
            lagMs: Math.round(lagMs(nowMs)),
            kbps: await lowered(),
          });
        }
      };
      await follow(narrowAt + 18_000);
      const wideAt = performance.now();
      path.carry(6000);
      await follow(wideAt + 32_000, () => log.at(-1)?.kbps === null);
      const wideSec = (wideAt - narrowAt) / 1000;
      // The first seconds are in it, too: what a viewer sees of the drop until the rate has followed.
      const report = JSON.stringify(log);
      for (const { sec, lagMs: lag } of log)
        if (sec > 10 && sec < wideSec) expect(lag, report).toBeLessThanOrEqual(1000);
      const settled = log.filter(({ sec }) => sec > 10 && sec < wideSec).map(({ kbps }) => kbps);
      // It looks for more now and then, never by so much that the viewer would see it.
      expect(Math.max(...settled.map((kbps) => kbps ?? 5500)), report).toBeLessThanOrEqual(2200);
      expect(log.at(-1)?.kbps, report).toBeNull();
      expect(log.at(-1)!.sec - wideSec, report).toBeLessThanOrEqual(30);
      const { outputs, program, notices } = await engine.snapshot();
      expect(outputs.find(({ name }) => name === 'Far')).toMatchObject({
        reconnects: 0,
        status: { state: 'live' },
      });
      expect(program.handOvers.every(({ cause }) => cause === 'planned')).toBe(true);
      expect(notices).toEqual([]);
      await engine.stop();
      far.process.kill('SIGKILL');
      await watching;
    } finally {
      far.process.kill('SIGKILL');
      await far.exited;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
