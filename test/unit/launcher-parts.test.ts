import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findEngineNode } from '../../electron/desktop/engine-node';
import { placeWindow } from '../../electron/desktop/window-state';
import { crashPageUrl } from '../../electron/desktop/crash-page';
import { readableLine, terminalLine } from '../../electron/launcher/log-line';
import { hasDisplay, openCommand, writeRedirect } from '../../electron/launcher/open-url';
import { startersOf } from '../../electron/launcher/starter-watch';
import type { ProcessFacts } from '../../electron/launcher/starter-watch';
import {
  engineFileSchema,
  formatEndedLine,
  formatReadyLine,
  parseEndedLine,
  parseReadyLine,
} from '../../shared/contract/engine-file';

describe('the ready line', () => {
  it.each([
    { uiUrl: 'http://127.0.0.1:7780/#token=abc', rtmpUrl: 'rtmp://127.0.0.1:1935/live' },
    { uiUrl: 'http://127.0.0.1:7780/#token=abc', rtmpUrl: null },
  ])('is read as it was written: %j', (ready) => {
    expect(parseReadyLine(formatReadyLine(ready))).toEqual(ready);
  });

  it.each(['', 'ready', 'ready soon', '{"msg":"ready http://x"}', 'ready file:///etc/passwd'])(
    'is not %j',
    (line) => {
      expect(parseReadyLine(line)).toBeNull();
    },
  );

  it('has a counterpart at the end, with the exit code', () => {
    for (const code of [0, 1, 2, 75]) expect(parseEndedLine(formatEndedLine(code))).toBe(code);
    for (const line of ['', 'ended', 'ended well', 'it ended 0', 'ended 1234'])
      expect(parseEndedLine(line)).toBeNull();
  });

  it('leads only to http(s)', () => {
    const file = { pid: 1, uiUrl: 'file:///etc/passwd', rtmpUrl: null, startedAt: 0 };
    expect(engineFileSchema.safeParse(file).success).toBe(false);
  });
});

describe('the log on a terminal', () => {
  it.each([
    ['{"level":30,"msg":"listening"}', undefined],
    ['{"level":40,"msg":"encoder late"}', 'warning: encoder late'],
    ['{"level":50,"msg":"encoder gone"}', 'error: encoder gone'],
    ['Port 7780 is in use.', 'Port 7780 is in use.'],
    ['{ not json', '{ not json'],
    ['  ', undefined],
  ])('%j → %j', (line, text) => {
    expect(terminalLine(line)).toBe(text);
  });

  it('gives the message of a JSON line as the reason of a crash', () => {
    expect(readableLine('{"level":60,"msg":"out of memory"}')?.text).toBe('out of memory');
  });
});

describe('where there is something to show a window on', () => {
  it.each([
    [{}, 'linux', false],
    [{ DISPLAY: '' }, 'linux', false],
    [{ DISPLAY: ':0' }, 'linux', true],
    [{ DISPLAY: '', WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true],
    [{}, 'darwin', true],
    [{}, 'win32', true],
  ] as const)('%j on %s: %s', (env, platform, expected) => {
    expect(hasDisplay(env, platform)).toBe(expected);
  });

  it('hands the path over in one piece', () => {
    const path = '/home/ann/my & your data/open.html';
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      expect(openCommand(path, platform)[1].at(-1)).toContain(path);
  });

  it('opens a page for its owner alone that leads to the URL', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'redirect-'));
    try {
      writeFileSync(join(dataDir, 'open.html'), 'old', { mode: 0o644 });
      const path = writeRedirect('http://127.0.0.1:7780/?a=1&b="</script>#token=x', dataDir);
      expect(statSync(path).mode & 0o077).toBe(0);
      const page = readFileSync(path, 'utf8');
      expect(page).toContain('url=http://127.0.0.1:7780/?a=1&amp;b=&quot;&lt;/script&gt;#token=x"');
      expect(page).toContain(String.raw`replace("http://127.0.0.1:7780/?a=1&b=\"\u003c/script>#token=x")`);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});

describe('findEngineNode', () => {
  const search = { platform: 'linux', resourcesPath: '/opt/studio/resources', exists: () => true } as const;
  it('takes the Node of npm start from a clone', () => {
    const env = { STUDIO_NODE: '/usr/bin/node', NODE: '/other/node' };
    expect(findEngineNode({ ...search, env, isPackaged: false })).toBe('/usr/bin/node');
  });
  it('takes the shipped one in a package, whatever the environment says', () => {
    const env = { STUDIO_NODE: '/tmp/evil' };
    expect(findEngineNode({ ...search, env, isPackaged: true })).toBe('/opt/studio/resources/node/node');
  });
  it('says what to do when there is none', () => {
    expect(() => findEngineNode({ ...search, env: {}, isPackaged: false })).toThrow('npm start');
    expect(() => findEngineNode({ ...search, env: {}, isPackaged: true, exists: () => false })).toThrow(
      'Install the program again',
    );
  });
});

describe('placeWindow', () => {
  const left = { x: 0, y: 0, width: 1920, height: 1040 };
  const right = { x: 1920, y: 0, width: 1920, height: 1080 };
  const saved = { bounds: { x: 2000, y: 100, width: 1200, height: 800 }, isMaximized: false };
  it('puts it where it was', () => {
    expect(placeWindow(saved, [left, right])).toEqual(saved.bounds);
  });
  it('brings it back when its display is gone', () => {
    expect(placeWindow(saved, [left])).toEqual({ x: 360, y: 120, width: 1200, height: 800 });
  });
  it('fits a small display', () => {
    const small = { x: 0, y: 0, width: 1024, height: 700 };
    expect(placeWindow(undefined, [small])).toEqual(small);
  });
});

it('the crash page shows a reason as text, never as markup', () => {
  const page = decodeURIComponent(crashPageUrl('<img src=x onerror=alert(1)>'));
  expect(page).toContain('&lt;img src=x');
  expect(page).not.toContain('<img');
});

describe('whose end is the studio’s end under npm', () => {
  const processes = new Map<number, ProcessFacts>([
    [10, { parent: 1, command: '/bin/bash' }],
    [20, { parent: 10, command: 'npm start --headless' }],
    [30, { parent: 20, command: 'sh -c node scripts/start.mjs --headless --data-dir /srv/npm' }],
    [40, { parent: 10, command: '/bin/sh ./service' }],
  ]);
  const factsOf = (pid: number) => Promise.resolve(processes.get(pid));
  it.each([
    ['npm and the shell below it', 30, [30, 20]],
    ['npm, where its shell gave way to us; never the terminal above', 20, [20]],
    ['what is above, when npm is not', 40, [40]],
    ['what is above, when nothing can be learned', 50, [50]],
  ])('%s', async (_name, parent, starters) => {
    expect(await startersOf(parent, factsOf)).toEqual(starters);
  });
});
