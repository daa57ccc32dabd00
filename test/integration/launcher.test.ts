import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineFileSchema, parseReadyLine } from '../../shared/contract/engine-file';
import { makeInstallation } from '../support/installation';
import type { Installation } from '../support/installation';
import { isAlive, Program } from '../support/program';
import { waitFor } from '../support/wait-for';

let installation: Installation;
let programs: Program[];

beforeEach(() => {
  installation = makeInstallation();
  programs = [];
});
afterEach(async () => {
  for (const program of programs) await program[Symbol.asyncDispose]();
  installation[Symbol.dispose]();
});

function launch(args: string[], env: NodeJS.ProcessEnv = {}, stdin: 'ignore' | 'pipe' = 'ignore'): Program {
  const program = new Program(
    [installation.launcher, '--data-dir', installation.dataDir, ...args],
    env,
    stdin,
  );
  programs.push(program);
  return program;
}

const engineFile = () =>
  engineFileSchema.parse(JSON.parse(readFileSync(join(installation.dataDir, 'engine.json'), 'utf8')));

describe('headless', () => {
  it('prints the ready line alone, hands on the log, and leaves no child when it is told to stop', async () => {
    const studio = launch(['--headless']);
    await studio.line(/^ready http\S+ rtmp\S+\n$/);
    const { pid, uiUrl } = engineFile();
    expect(parseReadyLine(studio.stdout)?.uiUrl).toBe(uiUrl);
    expect(studio.stderr).toContain('{"level":40,"msg":"a warning of the engine"}');
    studio.process.kill('SIGTERM');
    expect(await studio.exited).toEqual({ code: 0, signal: null });
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(installation.dataDir, 'engine.json'))).toBe(false);
  });

  it('brings a crashed engine back within 5 s, at the same address', async () => {
    const studio = launch(['--headless', '--http', '0']);
    await studio.line(/^ready /);
    const before = engineFile();
    const crashedAt = performance.now();
    await fetch(new URL('/crash', before.uiUrl)).catch(() => undefined);
    const after = await waitFor(async () => {
      const response = await fetch(new URL('/healthz', before.uiUrl)).catch(() => undefined);
      return response?.ok && engineFile().pid !== before.pid ? engineFile() : undefined;
    }, 'the engine to be back');
    expect(performance.now() - crashedAt).toBeLessThan(5000);
    expect(after.uiUrl).toBe(before.uiUrl);
    expect(studio.stdout.match(/^ready /gm)).toHaveLength(1);
    expect(studio.stderr).toContain('The engine crashed (exit 7)');
  });

  it('takes the engine with it when it is killed itself', async () => {
    const studio = launch(['--headless']);
    await studio.line(/^ready /);
    const { pid } = engineFile();
    studio.process.kill('SIGKILL');
    await waitFor(() => !isAlive(pid), 'the engine to notice that its parent is gone');
  });

  it('ends with npm, which hands no signal on', async () => {
    const npm = new Program(
      [
        '-e',
        // What npm does: a shell below it runs the script.
        `process.title = 'npm start';
       require('node:child_process').spawn('sh', ['-c', process.argv[1] + '; true'], { stdio: 'inherit' });
       setInterval(() => {}, 1000);`,
        `${process.execPath} ${installation.launcher} --headless --data-dir ${installation.dataDir}`,
      ],
      { npm_lifecycle_event: 'start' },
    );
    programs.push(npm);
    await npm.line(/^ready /);
    const { pid } = engineFile();
    npm.process.kill('SIGKILL');
    await waitFor(() => !isAlive(pid), 'the engine to end');
    await waitFor(() => !existsSync(join(installation.dataDir, 'engine.json')), 'it to end in order');
  });

  it('kills an engine that does not stop, within 5 s', async () => {
    const studio = launch(['--headless']);
    await studio.line(/^ready /);
    const { pid, uiUrl } = engineFile();
    // Stopped by SIGSTOP it can neither answer a signal nor see its lifeline close.
    expect((await fetch(new URL('/healthz', uiUrl))).ok).toBe(true);
    process.kill(pid, 'SIGSTOP');
    const toldAt = performance.now();
    studio.process.kill('SIGTERM');
    await studio.exited;
    expect(isAlive(pid)).toBe(false);
    expect(performance.now() - toldAt).toBeLessThan(6000);
  });

  it('ends when the engine ends by its own wish', async () => {
    const studio = launch(['--headless', '--duration', '0.2']);
    expect(await studio.exited).toEqual({ code: 0, signal: null });
  });

  it('passes the engine’s sentence and exit code 2 on, and does not try again', async () => {
    const studio = launch(['--headless', '--bogus']);
    expect((await studio.exited).code).toBe(2);
    expect(studio.stderr.trim().split('\n').at(-1)).toBe(
      '--bogus: expected an option of the studio, found --bogus. See --help for all options.',
    );
    expect(studio.stderr.match(/expected an option/g)).toHaveLength(1);
    expect(studio.stdout).toBe('');
  });

  it('gives up on an engine that crashes at every start, and says why', async () => {
    const studio = launch(['--headless', '--broken']);
    expect((await studio.exited).code).toBe(1);
    expect(studio.stderr.trim().split('\n').at(-1)).toBe(
      'The engine crashed (exit 1): kernels.wasm is missing',
    );
  });

  it('hands destinations from its standard input to the engine', async () => {
    const studio = launch(['--headless', '--destinations', '-'], {}, 'pipe');
    studio.process.stdin?.end('twitch rtmp://127.0.0.1/app key\n');
    await studio.line(/^destinations twitch rtmp:\/\/127\.0\.0\.1\/app key$/m);
    studio.process.kill('SIGTERM');
    expect((await studio.exited).code).toBe(0);
  });
});

describe('a second start', () => {
  it('finds the first, shows its address and ends', async () => {
    const first = launch(['--headless']);
    await first.line(/^ready /);
    const second = launch([]);
    expect((await second.exited).code).toBe(0);
    expect(parseReadyLine(second.stdout)).toEqual(parseReadyLine(first.stdout));
    expect(second.stderr).toContain(`process ${engineFile().pid}`);
    expect(first.process.exitCode).toBeNull();
  });

  it('does not take the file of a crash for a running studio', async () => {
    const first = launch(['--headless']);
    await first.line(/^ready /);
    const left = readFileSync(join(installation.dataDir, 'engine.json'), 'utf8');
    const { pid } = engineFile();
    first.process.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await waitFor(() => !isAlive(pid), 'the engine to be gone');
    expect(readFileSync(join(installation.dataDir, 'engine.json'), 'utf8')).toBe(left);
    const second = launch(['--headless']);
    await second.line(/^ready /);
    expect(engineFile().pid).not.toBe(pid);
  });
});

describe('with a browser', () => {
  it('opens it without a word of the token on any command line, and cleans up', async () => {
    const opened = join(installation.root, 'opened');
    writeFileSync(
      join(installation.root, 'xdg-open'),
      `#!/bin/sh\necho "$@" > '${opened}.new'\nmv '${opened}.new' '${opened}'\n`,
      {
        mode: 0o755,
      },
    );
    // No window, and nothing is downloaded for one: it was tried today.
    const { version } = createRequire(import.meta.url)('electron/package.json') as { version: string };
    const refusal = { version, at: Date.now(), reason: 'Not in a test' };
    writeFileSync(join(installation.dataDir, 'electron-refused.json'), JSON.stringify(refusal));
    const studio = launch([], {
      PATH: `${installation.root}:${process.env['PATH'] ?? ''}`,
      DISPLAY: ':7',
      ELECTRON_OVERRIDE_DIST_PATH: installation.root,
    });
    const [, url = ''] = await studio.line(/^ready (\S+) /);
    await waitFor(() => existsSync(opened), 'the browser to be opened');
    const path = join(installation.dataDir, 'open.html');
    expect(readFileSync(opened, 'utf8')).toBe(`${path}\n`);
    expect(readFileSync(path, 'utf8')).toContain(`url=${url}"`);
    studio.process.kill('SIGTERM');
    await studio.exited;
    expect(existsSync(path)).toBe(false);
  });
});

describe('without a display', () => {
  it('says so in one line, prints the URL, and serves the browser', async () => {
    const studio = launch([]);
    const [, url = ''] = await studio.line(/^ready (\S+) /);
    await studio.line(/The studio is open at http:\S+ /, 'stderr');
    expect(studio.stderr).not.toContain('token');
    expect(studio.stderr.match(/display/gi)).toHaveLength(1);
    expect(studio.stderr).toContain('There is no display: the studio opens in your browser instead.');
    expect((await fetch(url)).ok).toBe(true);
    // Warnings for people, not the log.
    expect(studio.stderr).toContain('warning: a warning of the engine');
    expect(studio.stderr).not.toContain('{"level"');
    studio.process.kill('SIGINT');
    expect(await studio.exited).toEqual({ code: 0, signal: null });
  });
});

it('answers sub-commands with the engine’s own output alone, beside a running studio', async () => {
  const first = launch(['--headless']);
  await first.line(/^ready /);
  const program = new Program([installation.launcher, 'keys', 'list', '--data-dir', installation.dataDir]);
  programs.push(program);
  expect((await program.exited).code).toBe(0);
  expect(program.stdout).toBe(`keys list --data-dir ${installation.dataDir}\n`);
});
