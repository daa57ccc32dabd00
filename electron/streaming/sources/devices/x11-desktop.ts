import type { FoundDevice } from '../source';
import { monitorName } from './edid';
import type { NamedWindow, WindowIdentity, WindowIds } from './window-ids';
import { X11Client } from './x11-client';

/** core requests, by opcode */
const op = {
  changeWindowAttributes: 2,
  getWindowAttributes: 3,
  getGeometry: 14,
  queryTree: 15,
  internAtom: 16,
  getAtomName: 17,
  getProperty: 20,
  translateCoordinates: 40,
  queryExtension: 98,
} as const;
/** RANDR 1.5 requests, by minor opcode */
const randr = { queryVersion: 0, selectInput: 4, getOutputProperty: 15, getMonitors: 42 } as const;

const eventMaskBit = 0x800;
const substructureNotify = 0x80000;
const propertyChange = 0x400000;
const isViewable = 2;
/** smaller ones are nobody's window */
const leastWindowPx = 16;
const maxWindows = 200;

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value >>> 0, index * 4));
  return bytes;
};

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
interface Monitor extends Rectangle {
  /** of the connector */
  readonly name: string;
  readonly model: string | null;
  readonly isPrimary: boolean;
}
interface SeenWindow extends Rectangle, NamedWindow {
  readonly title: string;
}
type DesktopWindow = SeenWindow & WindowIdentity;

/** The screens and windows of an X server, as devices. */
export class X11Desktop {
  readonly display: string;
  /** something changed: listing again may give something else */
  onChanged: () => void = () => undefined;
  onClosed: () => void = () => undefined;
  readonly #client: X11Client;
  readonly #atoms = new Map<string, Promise<number>>();
  readonly #windowIds: WindowIds;
  #randr: number | null = null;

  private constructor(display: string, client: X11Client, windowIds: WindowIds) {
    this.display = display;
    this.#client = client;
    this.#windowIds = windowIds;
  }

  /**
   * @param windowIds of former connections to it
   * @throws Error when there is no such display, or it does not let us in
   */
  static async open(
    display: string,
    windowIds: WindowIds,
    env: NodeJS.ProcessEnv,
    signal: AbortSignal,
  ): Promise<X11Desktop> {
    const client = await X11Client.open(display, env, signal);
    const desktop = new X11Desktop(display, client, windowIds);
    try {
      await desktop.#listen();
    } catch (error) {
      client.close();
      throw error;
    }
    return desktop;
  }

  close(): void {
    this.#client.onClosed = () => undefined;
    this.#client.close();
  }

  /**
   * @param canGrabWindows this FFmpeg knows a window by its id, also when it is moved; otherwise its place is captured
   * @throws Error when the server is gone
   */
  async list(canGrabWindows: boolean): Promise<FoundDevice[]> {
    const [monitors, windows] = await Promise.all([this.#monitors(), this.#windows()]);
    return [
      ...monitors.map((monitor) => this.#screen(monitor)),
      ...(monitors.length > 1 ? [this.#allScreens()] : []),
      ...windows.map((window) => this.#window(window, canGrabWindows)),
    ];
  }

  #screen({ name, model, isPrimary, x, y, width, height }: Monitor): FoundDevice {
    const label = name === 'screen' ? 'Screen' : name;
    return {
      ...{ id: `x11:${name}`, kind: 'screen', isDefault: isPrimary, size: { width, height }, modes: [] },
      name: model === null ? label : `${model} (${name})`,
      address: { system: 'x11grab', display: this.display, windowId: null, x, y },
    };
  }

  #allScreens(): FoundDevice {
    const { width, height } = this.#client.root;
    return {
      ...{ id: 'x11:all', kind: 'screen', name: 'All screens', isDefault: false, modes: [] },
      size: { width, height },
      address: { system: 'x11grab', display: this.display, windowId: null, x: 0, y: 0 },
    };
  }

  #window(window: DesktopWindow, canGrabWindows: boolean): FoundDevice {
    const { id, instance, x, y, width, height } = window;
    return {
      ...{ id, instance, kind: 'window', name: window.title, isDefault: false },
      ...{ size: { width, height }, modes: [] },
      address: {
        ...{ system: 'x11grab', display: this.display },
        // By its id it is captured wherever it is, so its place is no part of its address.
        ...(canGrabWindows ? { windowId: window.window, x: 0, y: 0 } : { windowId: null, x, y }),
      },
    };
  }

  async #listen(): Promise<void> {
    const { root } = this.#client;
    this.#client.onEvent = () => this.onChanged();
    this.#client.onClosed = () => this.onClosed();
    this.#client.send(
      op.changeWindowAttributes,
      0,
      words(root.window, eventMaskBit, substructureNotify | propertyChange),
    );
    const name = Buffer.from('RANDR');
    const extension = await this.#client.request(
      op.queryExtension,
      0,
      Buffer.concat([Buffer.from([name.length, 0, 0, 0]), name]),
    );
    if (extension.readUInt8(8) === 0) return;
    const opcode = extension.readUInt8(9);
    const version = await this.#client.request(opcode, randr.queryVersion, words(1, 5));
    if (version.readUInt32LE(8) === 1 && version.readUInt32LE(12) < 5) return;
    this.#randr = opcode;
    // screens, their outputs and their controllers
    this.#client.send(opcode, randr.selectInput, words(root.window, 0b111));
  }

  async #monitors(): Promise<Monitor[]> {
    const { window, width, height } = this.#client.root;
    const whole = { x: 0, y: 0, width, height, name: 'screen', model: null, isPrimary: true };
    if (this.#randr === null) return [whole];
    const reply = await this.#client.request(this.#randr, randr.getMonitors, words(window, 1));
    const count = reply.readUInt32LE(12);
    const monitors: Promise<Monitor>[] = [];
    for (let index = 0, at = 32; index < count; index += 1) {
      const outputs = reply.readUInt16LE(at + 6);
      const [atom, first] = [reply.readUInt32LE(at), outputs > 0 ? reply.readUInt32LE(at + 24) : null];
      const monitor = {
        isPrimary: reply.readUInt8(at + 4) !== 0,
        x: reply.readInt16LE(at + 8),
        y: reply.readInt16LE(at + 10),
        width: reply.readUInt16LE(at + 12),
        height: reply.readUInt16LE(at + 14),
      };
      monitors.push(
        Promise.all([
          this.#nameOf(atom),
          first === null ? null : this.#modelOf(first).catch(() => null),
        ]).then(([name, model]) => ({ ...monitor, name, model })),
      );
      at += 24 + outputs * 4;
    }
    const found = await Promise.all(monitors);
    if (found.length === 0) return [whole];
    const hasPrimary = found.some((monitor) => monitor.isPrimary);
    return found.map((monitor, index) => (hasPrimary ? monitor : { ...monitor, isPrimary: index === 0 }));
  }

  async #windows(): Promise<DesktopWindow[]> {
    const { window: root } = this.#client.root;
    const listed = await this.#property(root, '_NET_CLIENT_LIST');
    const ids = listed.length > 0 ? idsIn(listed) : await this.#childrenOf(root);
    const looks = await Promise.all(ids.slice(-maxWindows).map((id) => this.#look(id).catch(() => null)));
    const windows = looks.filter((window) => window !== null);
    return this.#windowIds.assign(windows, new Set(ids));
  }

  /** null: nothing that a person would call a window, or not to be seen now */
  async #look(window: number): Promise<SeenWindow | null> {
    const { root } = this.#client;
    const [attributes, geometry, place, utf8, latin, classes] = await Promise.all([
      this.#client.request(op.getWindowAttributes, 0, words(window)),
      this.#client.request(op.getGeometry, 0, words(window)),
      this.#client.request(op.translateCoordinates, 0, words(window, root.window, 0)),
      this.#property(window, '_NET_WM_NAME'),
      this.#property(window, 'WM_NAME'),
      this.#property(window, 'WM_CLASS'),
    ]);
    const title = (utf8.length > 0 ? utf8.toString('utf8') : latin.toString('latin1')).trim();
    const [instance, className] = classes.toString('latin1').split('\0');
    const [width, height] = [geometry.readUInt16LE(16), geometry.readUInt16LE(18)];
    if (attributes.readUInt8(26) !== isViewable || !title) return null;
    if (width < leastWindowPx || height < leastWindowPx) return null;
    const at = { x: place.readInt16LE(12), y: place.readInt16LE(14) };
    return {
      window,
      title: title.slice(0, 300),
      plainId: `x11:window:${className || instance || ''}:${title.slice(0, 300)}`.slice(0, 480),
      width,
      height,
      ...at,
    };
  }

  async #childrenOf(window: number): Promise<number[]> {
    const tree = await this.#client.request(op.queryTree, 0, words(window));
    return idsIn(tree.subarray(32));
  }

  async #property(window: number, name: string): Promise<Buffer> {
    const property = await this.#atom(name);
    const reply = await this.#client.request(op.getProperty, 0, words(window, property, 0, 0, 4096));
    return reply.subarray(32, 32 + reply.readUInt32LE(16) * (reply.readUInt8(1) / 8));
  }

  #atom(name: string): Promise<number> {
    const known = this.#atoms.get(name);
    if (known) return known;
    const bytes = Buffer.from(name);
    const atom = this.#client
      .request(op.internAtom, 0, Buffer.concat([Buffer.from([bytes.length, 0, 0, 0]), bytes]))
      .then((reply) => reply.readUInt32LE(8));
    this.#atoms.set(name, atom);
    return atom;
  }

  async #nameOf(atom: number): Promise<string> {
    const reply = await this.#client.request(op.getAtomName, 0, words(atom));
    return reply.toString('latin1', 32, 32 + reply.readUInt16LE(8));
  }

  /** as the monitor calls itself */
  async #modelOf(output: number): Promise<string | null> {
    if (this.#randr === null) return null;
    const property = await this.#atom('EDID');
    const reply = await this.#client.request(
      this.#randr,
      randr.getOutputProperty,
      words(output, property, 0, 0, 64, 0),
    );
    return monitorName(reply.subarray(32, 32 + reply.readUInt32LE(16)));
  }
}

const idsIn = (bytes: Buffer): number[] =>
  Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readUInt32LE(index * 4));
