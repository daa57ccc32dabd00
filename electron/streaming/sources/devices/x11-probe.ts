import type { FfmpegBuild } from '../../interfaces/ffmpeg';
import { AskedOnce } from './asked-once';
import type { DeviceListing, DeviceProbe } from './device-probe';
import { noDevices } from './device-probe';
import { outputOf } from './program-output';
import { WindowIds } from './window-ids';
import { X11Desktop } from './x11-desktop';

/** many changes come together: a window that is dragged */
const settleMs = 100;
const retryMs = 2000;

/** Screens and windows of the X server this program runs under. */
export class X11Probe implements DeviceProbe {
  readonly #ffmpeg: FfmpegBuild;
  readonly #env: NodeJS.ProcessEnv;
  readonly #listeners = new Set<() => void>();
  readonly #windowIds = new WindowIds();
  #desktop: X11Desktop | null = null;
  #opening: Promise<X11Desktop> | null = null;
  readonly #canGrabWindows = new AskedOnce<boolean>();
  #settling: NodeJS.Timeout | undefined;

  constructor(ffmpeg: FfmpegBuild, env: NodeJS.ProcessEnv) {
    this.#ffmpeg = ffmpeg;
    this.#env = env;
  }

  async list(signal: AbortSignal): Promise<DeviceListing> {
    const display = this.#env['DISPLAY'] ?? '';
    if (this.#env['WAYLAND_DISPLAY'] || this.#env['XDG_SESSION_TYPE'] === 'wayland')
      return noted('this is a Wayland session, in which only the browser’s own picker may see the screen');
    if (!display) return noted('this computer has no screen that the studio runs on');
    const canGrabWindows = await this.#canGrabWindows.answer(() => this.#askFfmpeg(signal));
    try {
      const desktop = await this.#connected(display, signal);
      return { devices: await desktop.list(canGrabWindows), notes: {} };
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      return noted(`the display ${display} cannot be opened (${reason})`);
    } finally {
      if (this.#listeners.size === 0) this.#close();
    }
  }

  watch(onChanged: () => void): () => void {
    this.#listeners.add(onChanged);
    // A server that is not there (any more) sends no news of its coming.
    const timer = setInterval(() => {
      if (!this.#desktop && this.#env['DISPLAY']) onChanged();
    }, retryMs).unref();
    return () => {
      clearInterval(timer);
      this.#listeners.delete(onChanged);
      if (this.#listeners.size === 0) this.#close();
    };
  }

  #close(): void {
    clearTimeout(this.#settling);
    this.#desktop?.close();
    this.#desktop = null;
  }

  async #connected(display: string, signal: AbortSignal): Promise<X11Desktop> {
    if (this.#desktop) return this.#desktop;
    this.#opening ??= X11Desktop.open(display, this.#windowIds, this.#env, signal).finally(
      () => (this.#opening = null),
    );
    const desktop = await this.#opening;
    this.#desktop = desktop;
    desktop.onChanged = () => this.#changed();
    desktop.onClosed = () => {
      if (this.#desktop === desktop) this.#desktop = null;
      this.#changed();
    };
    return desktop;
  }

  #changed(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      for (const listener of [...this.#listeners]) listener();
    }, settleMs).unref();
  }

  /** Builds of before 2021 know places on the screen only. */
  async #askFfmpeg(signal: AbortSignal): Promise<boolean> {
    const help = await outputOf(this.#ffmpeg.path, ['-hide_banner', '-h', 'demuxer=x11grab'], signal);
    return help.stdout.includes('-window_id');
  }
}

const noted = (reason: string): DeviceListing => ({
  ...noDevices,
  notes: { screen: reason, window: reason },
});
