import { app, ipcMain, Menu, shell } from 'electron';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { desktopChannels } from '../../shared/contract/desktop-bridge';
import { desktopFileName, windowOpenLine } from '../launcher/desktop-contract';
import { EngineProcess } from '../launcher/engine-process';
import type { EngineProcessOptions } from '../launcher/engine-process';
import type { EngineState } from '../launcher/engine-state';
import { terminalLine } from '../launcher/log-line';
import { removeRedirect, writeRedirect } from '../launcher/open-url';
import { crashPageUrl } from './crash-page';
import { menuTemplate } from './menu';
import { guardContents, guardSession, isFromUs, originOf } from './security';
import { StudioTray } from './tray';
import { StudioWindow } from './window';

export interface ShellOptions {
  readonly engine: EngineProcessOptions;
  readonly dataDir: string;
  readonly preload: string;
  readonly icon: string;
}

/** The desktop shell: one window and one tray icon around one supervised engine. */
export class DesktopShell {
  readonly #options: ShellOptions;
  #engine: EngineProcess | undefined;
  #studioWindow: StudioWindow | undefined;
  #tray: StudioTray | undefined;
  #uiUrl = '';
  #crashPage = '';
  #isLive = false;
  #isQuitting = false;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  /** Call when Electron is ready. */
  open(): void {
    const { dataDir, preload, icon } = this.#options;
    app.on('web-contents-created', (_event, contents) => guardContents(contents, this.#origin));
    app.on('activate', () => this.focus());
    app.on('before-quit', (event) => this.#onBeforeQuit(event));
    this.#listenToPage();
    this.#studioWindow = new StudioWindow({
      preload,
      icon,
      dataDir,
      isLive: () => this.#isLive,
      isQuitting: () => this.#isQuitting,
      onQuit: () => app.quit(),
    });
    guardSession(this.#studioWindow.window.webContents.session, this.#origin);
    Menu.setApplicationMenu(
      Menu.buildFromTemplate(
        menuTemplate(
          {
            openDataFolder: () => void shell.openPath(dataDir),
            openInBrowser: () => void (this.#uiUrl && shell.openPath(writeRedirect(this.#uiUrl, dataDir))),
          },
          process.platform,
        ),
      ),
    );
    this.#tray = new StudioTray({ icon, onShow: () => this.focus(), onQuit: () => app.quit() });
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, desktopFileName), `${JSON.stringify({ pid: process.pid })}\n`, {
      mode: 0o600,
    });
    process.stdout.write(`${windowOpenLine}\n`);
    this.#startEngine();
  }

  focus(): void {
    this.#studioWindow?.focus();
  }

  readonly #origin = (): string | null => originOf(this.#uiUrl);

  #startEngine(): void {
    const engine = new EngineProcess(this.#options.engine);
    this.#engine = engine;
    engine.events.on('stderrLine', (line) => {
      const text = terminalLine(line);
      if (text !== undefined) process.stderr.write(`${text}\n`);
    });
    engine.events.on('outputLine', (line) => process.stdout.write(`${line}\n`));
    engine.events.on('state', (state) => this.#onEngine(state));
    // What went wrong arrives as a state; the rejection adds nothing.
    engine.start().catch(() => undefined);
  }

  #onEngine(state: EngineState): void {
    if (this.#isQuitting) return;
    if (state.state === 'running') {
      this.#uiUrl = state.ready.uiUrl;
      void this.#studioWindow?.show(state.ready.uiUrl);
    }
    if (state.state !== 'ended') return;
    // It ended by its own wish (--duration): so do we.
    if (state.exitCode === 0) return app.quit();
    this.#setLive(false);
    this.#crashPage = crashPageUrl(state.reason ?? 'It ended without a reason.');
    void this.#studioWindow?.show(this.#crashPage);
    this.focus();
  }

  #listenToPage(): void {
    ipcMain.on(desktopChannels.setLive, (event, isLive: unknown) => {
      if (isFromUs(event, this.#origin, [])) this.#setLive(z.boolean().parse(isLive));
    });
    ipcMain.on(desktopChannels.retryEngine, (event) => {
      if (!isFromUs(event, this.#origin, [this.#crashPage])) return;
      if (this.#engine?.state.state === 'ended') this.#startEngine();
    });
  }

  #setLive(isLive: boolean): void {
    this.#isLive = isLive;
    this.#tray?.setLive(isLive);
  }

  /** Quitting waits for the engine: nothing may be left behind, and a recording wants its last bytes. */
  #onBeforeQuit(event: { preventDefault(): void }): void {
    const engine = this.#engine;
    if (!engine) {
      this.#isQuitting = true;
      return;
    }
    event.preventDefault();
    if (this.#isQuitting) return;
    this.#isQuitting = true;
    void engine.stop().finally(() => {
      this.#engine = undefined;
      this.#tray?.destroy();
      rmSync(join(this.#options.dataDir, desktopFileName), { force: true });
      removeRedirect(this.#options.dataDir);
      app.quit();
    });
  }
}
