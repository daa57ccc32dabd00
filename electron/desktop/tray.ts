import { Menu, Tray } from 'electron';

export interface StudioTrayOptions {
  readonly icon: string;
  readonly onShow: () => void;
  readonly onQuit: () => void;
}

/** The icon beside the clock: brings the window back, says whether a show is on air. */
export class StudioTray {
  readonly #tray: Tray;

  constructor({ icon, onShow, onQuit }: StudioTrayOptions) {
    this.#tray = new Tray(icon);
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: 'Show the studio', click: onShow },
        { type: 'separator' },
        { label: 'Quit', click: onQuit },
      ]),
    );
    this.#tray.on('click', onShow);
    this.setLive(false);
  }

  setLive(isLive: boolean): void {
    this.#tray.setToolTip(isLive ? 'Stream Manager Studio: on air' : 'Stream Manager Studio');
  }

  destroy(): void {
    this.#tray.destroy();
  }
}
