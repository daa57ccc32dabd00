import { BrowserWindow, dialog, screen } from 'electron';
import { join } from 'node:path';
import { minWindowSize, placeWindow, readWindowState, writeWindowState } from './window-state';

export interface StudioWindowOptions {
  /** the bundled preload, out/preload.cjs */
  readonly preload: string;
  readonly icon: string;
  readonly dataDir: string;
  readonly isLive: () => boolean;
  /** whether the whole application is on its way out, so that nothing asks any more */
  readonly isQuitting: () => boolean;
  /** the window was closed and nothing is on air, or the user chose to end the show */
  readonly onQuit: () => void;
}

/** The answers of the question that is asked when the window is closed on air, in the order of its buttons. */
const closeAnswers = ['Keep streaming in the background', 'End the show and quit', 'Cancel'] as const;

/** The studio's one window: shows pages, remembers where it was, asks before it takes a show off the air. */
export class StudioWindow {
  readonly window: BrowserWindow;
  readonly #options: StudioWindowOptions;
  #url = '';

  constructor(options: StudioWindowOptions) {
    this.#options = options;
    const statePath = join(options.dataDir, 'window-state.json');
    const saved = readWindowState(statePath);
    const primary = screen.getPrimaryDisplay();
    const others = screen.getAllDisplays().filter((display) => display.id !== primary.id);
    const workAreas = [primary, ...others].map((display) => display.workArea);
    this.window = new BrowserWindow({
      ...placeWindow(saved, workAreas),
      minWidth: minWindowSize.width,
      minHeight: minWindowSize.height,
      title: 'Stream Manager Studio',
      icon: options.icon,
      show: false,
      // The page's own background: no white flash before its first paint.
      backgroundColor: '#0e1116',
      webPreferences: {
        preload: options.preload,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
        // The preview must go on while another window covers this one.
        backgroundThrottling: false,
      },
    });
    if (saved?.isMaximized) this.window.maximize();
    this.window.once('ready-to-show', () => this.window.show());
    this.window.on('close', (event) => {
      writeWindowState(statePath, {
        bounds: this.window.getNormalBounds(),
        isMaximized: this.window.isMaximized(),
      });
      if (options.isQuitting()) return;
      event.preventDefault();
      void this.#askAndClose();
    });
    // The window's process is not the stream's: when it dies, the page is simply loaded again.
    this.window.webContents.on('render-process-gone', (_event, details) => {
      if (details.reason !== 'clean-exit' && !this.window.isDestroyed()) void this.#load(this.#url);
    });
  }

  /** Loads a page unless it is the one that is shown: a page of ours finds a restarted engine again by itself. */
  async show(url: string): Promise<void> {
    if (url === this.#url || this.window.isDestroyed()) return;
    this.#url = url;
    await this.#load(url);
  }

  /** Brings the window to the front, wherever it is. */
  focus(): void {
    if (this.window.isMinimized()) this.window.restore();
    this.window.show();
    this.window.focus();
  }

  async #load(url: string): Promise<void> {
    try {
      await this.window.loadURL(url);
    } catch {
      // Superseded by another page, or the engine went away; then its next state brings the next page.
      if (this.#url === url) this.#url = '';
    }
  }

  async #askAndClose(): Promise<void> {
    const { isLive, onQuit } = this.#options;
    if (!isLive()) return onQuit();
    const { response } = await dialog.showMessageBox(this.window, {
      type: 'question',
      title: 'Stream Manager Studio',
      message: 'You are live or recording.',
      detail: 'The show goes on without the window; the icon in the tray brings the window back.',
      buttons: [...closeAnswers],
      defaultId: closeAnswers.indexOf('Keep streaming in the background'),
      cancelId: closeAnswers.indexOf('Cancel'),
      noLink: true,
    });
    const answer = closeAnswers[response] ?? 'Cancel';
    if (answer === 'Keep streaming in the background') this.window.hide();
    if (answer === 'End the show and quit') onQuit();
  }
}
