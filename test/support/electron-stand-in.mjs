// @ts-check
// Stands in for the `electron` module where its binary cannot be had. It knows the calls that the desktop shell makes
// and behaves as Electron documents them; anything else throws, so that a call the shell does not know how to be
// answered is a failing test, not a silent undefined. The test talks to it over the process's IPC channel: every call
// is reported as { call, args }, and the test sends { emit | ipc | click | answer } to act as the user and the page.
import { EventEmitter } from 'node:events';

/** @param {string} call @param {unknown[]} args */
function report(call, ...args) {
  if (process.connected) process.send?.({ call, args: JSON.parse(JSON.stringify(args)) });
}

/**
 * @template {object} Target
 * @param {string} name @param {Target} target
 * @returns {Target}
 */
function strict(name, target) {
  return new Proxy(target, {
    get(object, key) {
      if (typeof key === 'symbol' || key in object || key === 'then') return Reflect.get(object, key, object);
      throw new Error(`The electron stand-in knows no ${name}.${key}`);
    },
  });
}

class PreventableEvent {
  defaultPrevented = false;
  preventDefault() {
    this.defaultPrevented = true;
  }
}

/** @type {Record<string, any>} answers the test has prepared, by the name of the call */
const answers = {};
/** @type {any} */
let applicationMenu;
/** @type {any} */
let trayMenu;
/** @type {StandInWindow[]} */
const windows = [];
const appEvents = new EventEmitter();
const ipcEvents = new EventEmitter();
const trayEvents = new EventEmitter();

export const app = strict('app', {
  isPackaged: false,
  setPath: (/** @type {string} */ name, /** @type {string} */ path) => report('app.setPath', name, path),
  requestSingleInstanceLock: () => process.env['STAND_IN_LOCK'] !== 'held',
  whenReady: () => Promise.resolve(),
  on: (/** @type {string} */ event, /** @type {any} */ listener) => appEvents.on(event, listener),
  quit() {
    report('app.quit');
    setImmediate(() => {
      const event = new PreventableEvent();
      appEvents.emit('before-quit', event);
      if (event.defaultPrevented) return;
      for (const window of windows) if (!window.requestClose()) return;
      report('app.quitted');
      // Lets the report leave first.
      if (process.connected) process.disconnect?.();
      process.exit(0);
    });
  },
});

class StandInContents extends EventEmitter {
  /** @type {any} */
  windowOpenHandler;
  session = strict('session', {
    setPermissionRequestHandler: (/** @type {any} */ handler) => (this.permissionRequest = handler),
    setPermissionCheckHandler: (/** @type {any} */ handler) => (this.permissionCheck = handler),
  });
  /** @type {any} */
  permissionRequest;
  /** @type {any} */
  permissionCheck;
  /** @param {any} handler */
  setWindowOpenHandler(handler) {
    this.windowOpenHandler = handler;
  }
}

class StandInWindow extends EventEmitter {
  contents = new StandInContents();
  webContents = strict('webContents', this.contents);
  isGone = false;
  /** @param {any} options */
  constructor(options) {
    super();
    report('new BrowserWindow', options);
    this.options = options;
    windows.push(this);
    appEvents.emit('web-contents-created', {}, this.webContents);
  }
  /** As Chromium: a server that is not there rejects. @param {string} url */
  async loadURL(url) {
    report('window.loadURL', url);
    if (!url.startsWith('data:')) await fetch(url);
    this.emit('ready-to-show');
  }
  show() {
    report('window.show');
  }
  hide() {
    report('window.hide');
  }
  focus() {
    report('window.focus');
  }
  maximize() {
    report('window.maximize');
  }
  restore() {
    report('window.restore');
  }
  isMinimized() {
    return false;
  }
  isMaximized() {
    return false;
  }
  isDestroyed() {
    return this.isGone;
  }
  getNormalBounds() {
    return { x: 50, y: 60, width: 1000, height: 700 };
  }
  /** @returns {boolean} whether it is closed now */
  requestClose() {
    const event = new PreventableEvent();
    this.emit('close', event);
    this.isGone = !event.defaultPrevented;
    return this.isGone;
  }
}

export const BrowserWindow = new Proxy(StandInWindow, {
  construct: (Target, args) => strict('BrowserWindow', new Target(args[0])),
});

export const Menu = strict('Menu', {
  buildFromTemplate: (/** @type {any} */ template) => template,
  setApplicationMenu: (/** @type {any} */ menu) => {
    applicationMenu = menu;
    report('Menu.setApplicationMenu', menu);
  },
});

class StandInTray {
  /** @param {string} icon */
  constructor(icon) {
    report('new Tray', icon);
  }
  /** @param {any} menu */
  setContextMenu(menu) {
    trayMenu = menu;
  }
  /** @param {string} text */
  setToolTip(text) {
    report('tray.setToolTip', text);
  }
  /** @param {string} event @param {any} listener */
  on(event, listener) {
    trayEvents.on(event, listener);
  }
  destroy() {
    report('tray.destroy');
  }
}
export const Tray = new Proxy(StandInTray, {
  construct: (Target, args) => strict('Tray', new Target(args[0])),
});

export const dialog = strict('dialog', {
  showMessageBox: (/** @type {any} */ _window, /** @type {any} */ options) => {
    report('dialog.showMessageBox', options);
    return Promise.resolve({
      response: answers['showMessageBox'] ?? options.cancelId,
      checkboxChecked: false,
    });
  },
});

export const screen = strict('screen', {
  getPrimaryDisplay: () => ({ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }),
  getAllDisplays: () => [{ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
});

export const shell = strict('shell', {
  openExternal: (/** @type {string} */ url) => {
    report('shell.openExternal', url);
    return Promise.resolve();
  },
  openPath: (/** @type {string} */ path) => {
    report('shell.openPath', path);
    return Promise.resolve('');
  },
});

export const ipcMain = strict('ipcMain', {
  on: (/** @type {string} */ channel, /** @type {any} */ listener) => ipcEvents.on(channel, listener),
});

/** @param {any[]} menu @param {string} label @returns {any} */
function findItem(menu, label) {
  for (const item of menu ?? []) {
    if (item.label === label) return item;
    const found = Array.isArray(item.submenu) ? findItem(item.submenu, label) : undefined;
    if (found) return found;
  }
  return undefined;
}

process.on('message', (/** @type {any} */ message) => {
  const window = windows[0];
  if (message.answer) Object.assign(answers, message.answer);
  if (message.emit === 'app') appEvents.emit(message.event, {});
  if (message.emit === 'tray') trayEvents.emit(message.event);
  if (message.emit === 'close') window?.requestClose();
  if (message.emit === 'contents') window?.contents.emit(message.event, {}, message.details);
  if (message.navigate) {
    const event = Object.assign(new PreventableEvent(), { url: message.navigate });
    window?.contents.emit('will-frame-navigate', event);
    report('navigated', message.navigate, !event.defaultPrevented);
  }
  if (message.open) report('opened', message.open, window?.contents.windowOpenHandler({ url: message.open }));
  if (message.permission)
    window?.contents.permissionRequest(
      window.webContents,
      message.permission,
      (/** @type {boolean} */ isGranted) => report('permission', message.permission, message.url, isGranted),
      { requestingUrl: message.url },
    );
  if (message.ipc)
    ipcEvents.emit(message.ipc, { senderFrame: { url: message.url, parent: null } }, ...(message.args ?? []));
  if (message.click) findItem(message.tray ? trayMenu : applicationMenu, message.click).click();
});
