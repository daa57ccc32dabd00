import { app, ipcMain, Menu, shell } from 'electron';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { desktopChannels } from '../../shared/contract/desktop-bridge';
import { desktopFileName, windowOpenLine } from '../launcher/desktop-contract';
import type { HostedState } from '../launcher/desktop-contract';
import { removeRedirect, writeRedirect } from '../launcher/open-url';
import { crashPageUrl } from './crash-page';
import type { EngineHost } from './engine-host';
import { menuTemplate } from './menu';
import { guardContents, guardSession, isFromUs, originOf } from './security';
import { StudioTray } from './tray';
import { StudioWindow } from './window';

export interface ShellOptions {
  readonly engine: EngineHost;
  readonly dataDir: string;
  readonly preload: string;
  readonly icon: string;
}

/** The desktop shell: one window and one tray icon around one engine. */
export class DesktopShell {
  readonly #options: ShellOptions;
  #studioWindow: StudioWindow | undefined;
  #tray: StudioTray | undefined;
  #uiUrl = '';
  #crashPage = '';
  #isLive = false;
  #hasEngineEnded = false;
  #isQuitting = false;
  #isReleased = false;

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
            openInBrowser: () => this.#openInBrowser(),
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

  #openInBrowser(): void {
    if (!this.#uiUrl) return;
    try {
      void shell.openPath(writeRedirect(this.#uiUrl, this.#options.dataDir));
    } catch (error) {
      console.error(
        `The browser could not be opened: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  focus(): void {
    this.#studioWindow?.focus();
  }

  readonly #origin = (): string | null => originOf(this.#uiUrl);

  #startEngine(): void {
    this.#hasEngineEnded = false;
    this.#options.engine.start((state) => this.#onEngine(state));
  }

  #onEngine(state: HostedState): void {
    if (this.#isQuitting) return;
    this.#hasEngineEnded = state.state === 'ended';
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
      if (this.#hasEngineEnded) this.#startEngine();
    });
  }

  #setLive(isLive: boolean): void {
    this.#isLive = isLive;
    this.#tray?.setLive(isLive);
  }

  /** Quitting waits for the engine: nothing may be left behind, and a recording wants its last bytes. */
  #onBeforeQuit(event: { preventDefault(): void }): void {
    if (this.#isReleased) return;
    event.preventDefault();
    if (this.#isQuitting) return;
    this.#isQuitting = true;
    void this.#options.engine.stop().finally(() => {
      this.#isReleased = true;
      this.#tray?.destroy();
      rmSync(join(this.#options.dataDir, desktopFileName), { force: true });
      removeRedirect(this.#options.dataDir);
      app.quit();
    });
  }
}
