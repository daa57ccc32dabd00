import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { paths } from '../../electron/streaming/lib/paths';
import { engineFileSchema, parseReadyLine } from '../../shared/contract/engine-file';
import { isAlive, Program } from '../support/program';
import { requires } from '../support/requires';
import { waitFor } from '../support/wait-for';

const collection = {
  version: 1,
  sources: [{ id: 'blue', name: 'Blue', kind: 'color', color: '#336699', width: 320, height: 180 }],
  scenes: [{ id: 'main', name: 'Main', items: [{ id: 'item', sourceId: 'blue' }] }],
};

let folder: string;
let dataDir: string;
let programs: Program[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'studio-launch-'));
  dataDir = join(folder, 'data');
  writeFileSync(join(folder, 'collection.json'), JSON.stringify(collection));
  programs = [];
});
afterEach(async () => {
  for (const program of programs) await program[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function launch(...args: string[]): Program {
  return launchWith('ignore', ...args);
}

function launchWith(stdin: 'ignore' | 'pipe', ...args: string[]): Program {
  const common = ['--data-dir', dataDir, '--http', '0', '--rtmp', '0'];
  const small = ['--size', '320x180', '--fps', '30', '--bitrate', '500', '--profile', 'superfast-2t'];
  const program = new Program(
    [paths.launcher, ...common, '--collection', join(folder, 'collection.json'), ...small, ...args],
    {},
    stdin,
  );
  programs.push(program);
  return program;
}

const engineFile = () =>
  engineFileSchema.parse(JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8')));

/** every process below this one */
function descendants(pid: number): number[] {
  const table = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    table.filter(([, ppid]) => ppid === parent).flatMap(([child = 0]) => [child, ...below(child)]);
  return below(pid);
}

describe.skipIf(!requires('ffmpeg', 'ps'))('the launcher with the real engine', () => {
  it('starts, is found by a second start, and leaves no process behind', async () => {
    const studio = launch('--headless');
    await studio.line(/^ready /);
    expect(studio.stdout.trim().split('\n')).toHaveLength(1);
    const ready = parseReadyLine(studio.stdout);
    expect(ready?.rtmpUrl).toMatch(/^rtmp:/);
    const health = await fetch(new URL('/healthz', ready?.uiUrl));
    expect([health.status, await health.json()]).toEqual([200, { ready: true }]);

    const second = launch('--headless');
    expect((await second.exited).code).toBe(0);
    expect(parseReadyLine(second.stdout)).toEqual(ready);

    const pids = descendants(studio.process.pid ?? 0);
    // The engine, its RTMP server, its two encoders.
    expect(pids.length).toBeGreaterThanOrEqual(4);
    const toldAt = performance.now();
    studio.process.kill('SIGTERM');
    expect((await studio.exited).code).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(6000);
    await waitFor(
      () => !pids.some(isAlive),
      () => `${pids.filter(isAlive).join()} to be gone`,
    );
    expect(existsSync(join(dataDir, 'engine.json'))).toBe(false);
  });

  it('is waited for by a second start while it is still starting', async () => {
    const first = launch('--headless', '--profile', 'auto');
    await waitFor(() => existsSync(join(dataDir, 'engine.lock')), 'the engine to claim its folder');
    expect(existsSync(join(dataDir, 'engine.json'))).toBe(false);
    const second = launch('--headless');
    expect((await second.exited).code).toBe(0);
    expect(second.stderr).toMatch(/^A studio is starting .*\nThe studio runs already/);
    await first.line(/^ready /);
    expect(parseReadyLine(second.stdout)).toEqual(parseReadyLine(first.stdout));
    expect(first.process.exitCode).toBeNull();
  });

  it('is back after a crash, where open tabs look for it, with nothing of the crashed one left', async () => {
    const studio = launch('--headless');
    await studio.line(/^ready /);
    const before = engineFile();
    const orphans = descendants(before.pid);
    const crashedAt = performance.now();
    process.kill(before.pid, 'SIGKILL');
    await waitFor(
      async () => {
        const response = await fetch(new URL('/healthz', before.uiUrl)).catch(() => undefined);
        return response?.ok;
      },
      () => `the engine to be back; stderr: ${studio.stderr.slice(-2000)}`,
    );
    const backMs = performance.now() - crashedAt;
    await waitFor(() => engineFile().pid !== before.pid, 'the new engine to announce itself');
    // The address and the token in it: an open tab goes on.
    expect(engineFile().uiUrl).toBe(before.uiUrl);
    expect(engineFile().rtmpUrl).toBe(before.rtmpUrl);
    expect(backMs).toBeLessThan(5000);
    await waitFor(() => !orphans.some(isAlive), 'the crashed engine’s children to be gone');
  });

  it('takes the engine with it when it is killed, wherever the destinations came from', async () => {
    const studio = launchWith('pipe', '--headless', '--destinations', '-');
    studio.process.stdin?.end('own rtmp://127.0.0.1:9/live secret-of-mine\n');
    await studio.line(/^ready /);
    const pids = descendants(studio.process.pid ?? 0);
    expect(pids.length).toBeGreaterThanOrEqual(4);
    studio.process.kill('SIGKILL');
    await waitFor(
      () => !pids.some(isAlive),
      () => `${pids.filter(isAlive).join()} to be gone`,
    );
  });

  it('hands on the engine’s refusal: one sentence, exit 2', async () => {
    const studio = launch('--headless', '--colour', 'red');
    expect((await studio.exited).code).toBe(2);
    expect(studio.stdout).toBe('');
    expect(studio.stderr.trim().split('\n')).toEqual([expect.stringContaining('--colour')]);
  });

  it('without a display says so and serves the page to the browser', async () => {
    const studio = launch();
    const [, url = ''] = await studio.line(/^ready (\S+) /);
    expect(studio.stderr).toContain('There is no display');
    const page = await fetch(url);
    expect(page.headers.get('content-type')).toContain('text/html');
    studio.process.kill('SIGINT');
    expect((await studio.exited).code).toBe(0);
  });
});
