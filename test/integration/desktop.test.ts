import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineFileSchema } from '../../shared/contract/engine-file';
import { makeInstallation } from '../support/installation';
import type { Installation } from '../support/installation';
import { isAlive, Program } from '../support/program';
import { waitFor } from '../support/wait-for';

const register = pathToFileURL(
  resolve(import.meta.dirname, '../support/electron-stand-in-register.mjs'),
).href;

let installation: Installation;
let shell: Program | undefined;

beforeEach(() => {
  installation = makeInstallation();
});
afterEach(async () => {
  await shell?.[Symbol.asyncDispose]();
  shell = undefined;
  installation[Symbol.dispose]();
});

function start(engineArgs: string[] = [], env: NodeJS.ProcessEnv = {}): Program {
  shell = new Program(['--import', register, installation.main], {
    STUDIO_DATA_DIR: installation.dataDir,
    STUDIO_ENGINE_ARGS: JSON.stringify(engineArgs),
    STUDIO_NODE: process.execPath,
    ...env,
  });
  return shell;
}

const engineFile = () =>
  engineFileSchema.parse(JSON.parse(readFileSync(join(installation.dataDir, 'engine.json'), 'utf8')));

async function openWindow(engineArgs: string[] = []): Promise<{ app: Program; uiUrl: string; pid: number }> {
  const app = start(engineArgs);
  await app.call('window.show');
  const { uiUrl, pid } = engineFile();
  return { app, uiUrl, pid };
}

async function quitted(app: Program): Promise<void> {
  expect(await app.exited).toEqual({ code: 0, signal: null });
}

describe('the desktop shell', () => {
  it('shows the engine’s page in a sandboxed window', async () => {
    const { app, uiUrl } = await openWindow();
    const [options] = await app.call('new BrowserWindow');
    expect(options).toMatchObject({
      show: false,
      webPreferences: {
        preload: join(installation.root, 'out', 'preload.cjs'),
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
      },
    });
    expect(await app.call('window.loadURL')).toEqual([uiUrl]);
    expect(app.stdout).toContain('window open\n');
    expect(existsSync(join(installation.dataDir, 'desktop.json'))).toBe(true);
  });

  it('leaves nothing behind when its window is closed', async () => {
    const { app, pid } = await openWindow();
    app.process.send({ emit: 'close' });
    await quitted(app);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(installation.dataDir, 'desktop.json'))).toBe(false);
    const state: unknown = JSON.parse(readFileSync(join(installation.dataDir, 'window-state.json'), 'utf8'));
    expect(state).toEqual({ bounds: { x: 50, y: 60, width: 1000, height: 700 }, isMaximized: false });
  });

  it('stops on a signal', async () => {
    const { app, pid } = await openWindow();
    app.process.kill('SIGTERM');
    await quitted(app);
    expect(isAlive(pid)).toBe(false);
  });

  it('asks before it takes a show off the air', async () => {
    const { app, uiUrl, pid } = await openWindow();
    app.process.send({ ipc: 'desktop:set-live', url: uiUrl, args: [true] });
    await app.call('tray.setToolTip', ([text]) => String(text).includes('on air'));
    app.process.send({ emit: 'close' });
    const [question] = await app.call('dialog.showMessageBox');
    expect(question).toMatchObject({
      buttons: ['Keep streaming in the background', 'End the show and quit', 'Cancel'],
    });
    app.process.send({ answer: { showMessageBox: 0 }, emit: 'close' });
    await app.call('window.hide');
    expect(isAlive(pid)).toBe(true);
    app.process.send({ answer: { showMessageBox: 1 }, emit: 'close' });
    await quitted(app);
    expect(isAlive(pid)).toBe(false);
  });

  it('believes only its own page', async () => {
    const { app, uiUrl } = await openWindow();
    app.process.send({ ipc: 'desktop:set-live', url: 'https://example.com/', args: [true] });
    app.process.send({ emit: 'close' });
    await quitted(app);
    expect(app.messages.some(({ call }) => call === 'dialog.showMessageBox')).toBe(false);
    expect(uiUrl).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });

  it('lets the page go nowhere else', async () => {
    const { app, uiUrl } = await openWindow();
    const origin = new URL(uiUrl).origin;
    app.process.send({ navigate: `${origin}/other` });
    app.process.send({ navigate: 'https://example.com/' });
    app.process.send({ navigate: 'file:///etc/passwd' });
    app.process.send({ open: 'https://example.com/help' });
    app.process.send({ open: 'file:///etc/passwd' });
    expect(await app.call('navigated', ([url]) => url === `${origin}/other`)).toEqual([
      `${origin}/other`,
      true,
    ]);
    expect(await app.call('navigated', ([url]) => url === 'https://example.com/')).toContain(false);
    expect(await app.call('navigated', ([url]) => url === 'file:///etc/passwd')).toContain(false);
    expect(await app.call('opened', ([url]) => url === 'file:///etc/passwd')).toContainEqual({
      action: 'deny',
    });
    const outside = app.messages
      .filter(({ call }) => call === 'shell.openExternal')
      .map(({ args }) => args[0]);
    expect(outside).toEqual(['https://example.com/', 'https://example.com/help']);
  });

  it('grants what stays in the window, to its own page', async () => {
    const { app, uiUrl } = await openWindow();
    const asks = [
      ['fullscreen', uiUrl, true],
      ['fullscreen', 'https://example.com/', false],
      ['media', uiUrl, false],
    ] as const;
    for (const [permission, url] of asks) app.process.send({ permission, url });
    for (const ask of asks)
      expect(await app.call('permission', (args) => args[0] === ask[0] && args[1] === ask[1])).toEqual(ask);
  });

  it('leaves a page that finds the restarted engine by itself alone', async () => {
    const { app, uiUrl, pid } = await openWindow(['--http', '0']);
    process.kill(pid, 'SIGKILL');
    await waitFor(() => {
      try {
        return engineFile().pid !== pid;
      } catch {
        return false;
      }
    }, 'the engine to be back');
    await waitFor(
      async () => (await fetch(uiUrl).catch(() => undefined))?.ok,
      'it to answer at the same address',
    );
    expect(app.messages.filter(({ call }) => call === 'window.loadURL')).toHaveLength(1);
  });

  it('loads the page again when its process died', async () => {
    const { app, uiUrl, pid } = await openWindow();
    app.process.send({ emit: 'contents', event: 'render-process-gone', details: { reason: 'crashed' } });
    const loads = () =>
      app.messages.filter(({ call }) => call === 'window.loadURL').map(({ args }) => args[0]);
    await waitFor(() => loads().length === 2, 'the second load');
    expect(loads()).toEqual([uiUrl, uiUrl]);
    expect(isAlive(pid)).toBe(true);
  });

  it('shows what is wrong and a way on when the engine cannot be started', async () => {
    const app = start(['--bogus']);
    const [page] = (await app.call('window.loadURL')) as [string];
    expect(decodeURIComponent(page)).toContain('--bogus: expected an option of the studio');
    app.process.send({ ipc: 'desktop:retry-engine', url: page });
    await waitFor(() => app.stderr.match(/expected an option/g)?.length === 2, 'the second try');
    app.process.send({ emit: 'close' });
    await quitted(app);
  });

  it('steps back when there is one already', async () => {
    const app = start([], { STAND_IN_LOCK: 'held' });
    await quitted(app);
    expect(app.messages.some(({ call }) => call === 'new BrowserWindow')).toBe(false);
  });

  it('comes to the front for a second start, from the tray and the menu', async () => {
    const { app, uiUrl } = await openWindow();
    app.process.send({ emit: 'app', event: 'second-instance' });
    await app.call('window.focus');
    app.process.send({ click: 'Open in the browser' });
    // Not the URL itself: it would be on the opener's command line, with the token.
    const page = join(installation.dataDir, 'open.html');
    expect(await app.call('shell.openPath')).toEqual([page]);
    expect(readFileSync(page, 'utf8')).toContain(uiUrl);
    app.process.send({ click: 'Show the data folder' });
    await app.call('shell.openPath', ([path]) => path === installation.dataDir);
    app.process.send({ click: 'Quit', tray: true });
    await quitted(app);
  });
});

it('the preload is one file for the sandbox and offers exactly the bridge', () => {
  const code = readFileSync(join(installation.root, 'out', 'preload.cjs'), 'utf8');
  const exposed: Record<string, Record<string, (...args: unknown[]) => void>> = {};
  const sent: unknown[][] = [];
  const electron = {
    contextBridge: {
      exposeInMainWorld: (name: string, bridge: (typeof exposed)[string]) => void (exposed[name] = bridge),
    },
    ipcRenderer: { send: (...args: unknown[]) => sent.push(args) },
  };
  // As in Electron's sandbox: no Node, and `electron` is the only module.
  const require = (name: string) => {
    if (name === 'electron') return electron;
    throw new Error(`module not found: ${name}`);
  };
  runInNewContext(code, { require, exports: {}, module: { exports: {} } });
  expect(Object.keys(exposed)).toEqual(['studioDesktop']);
  expect(Object.keys(exposed['studioDesktop'] ?? {}).sort()).toEqual(['retryEngine', 'setLive']);
  exposed['studioDesktop']?.['setLive']?.(true);
  exposed['studioDesktop']?.['retryEngine']?.();
  expect(sent).toEqual([['desktop:set-live', true], ['desktop:retry-engine']]);
});
