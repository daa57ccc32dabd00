import type { FfmpegBuild } from '../../interfaces/ffmpeg';
import type { FoundDevice } from '../source';
import { AskedOnce } from './asked-once';
import { bestFirst, dshowDevices, dshowModes } from './camera-lists';
import type { FormattedMode, ListedDevice } from './camera-lists';
import type { DeviceListing, DeviceProbe } from './device-probe';
import { outputOf } from './program-output';
import { desktopScript, windowsDesktop } from './windows-lists';

const pollMs = 2000;

/** DirectShow's cameras and microphones, and the desktop's screens and windows. */
export class WindowsProbe implements DeviceProbe {
  readonly #ffmpeg: FfmpegBuild;
  readonly #canDuplicate = new AskedOnce<boolean>();
  /** as they were told of last */
  #desktop: readonly FoundDevice[] = [];
  readonly #modes = new Map<string, Promise<FormattedMode[]>>();

  constructor(ffmpeg: FfmpegBuild) {
    this.#ffmpeg = ffmpeg;
  }

  async list(signal: AbortSignal): Promise<DeviceListing> {
    const [desktop, listed] = await Promise.all([
      this.#listDesktop(signal),
      this.#ask(['-list_devices', 'true', '-f', 'dshow', '-i', 'dummy'], signal),
    ]);
    const devices = await Promise.all(dshowDevices(listed).map((device) => this.#device(device, signal)));
    signal.throwIfAborted();
    const isFirst = (device: FoundDevice, index: number): boolean =>
      devices.findIndex(({ kind }) => kind === device.kind) === index;
    return {
      devices: [
        ...desktop,
        ...devices.map((device, index) => ({ ...device, isDefault: isFirst(device, index) })),
      ],
      notes: {
        'desktop-sound':
          'DirectShow offers it only through a “Stereo Mix” device, listed as a microphone; a page can capture it too',
      },
    };
  }

  watch(onChanged: () => void): () => void {
    const timer = setInterval(onChanged, pollMs).unref();
    return () => clearInterval(timer);
  }

  async #device({ kind, name, alternative }: ListedDevice, signal: AbortSignal): Promise<FoundDevice> {
    const input = `${kind}=${alternative ?? name}`;
    const modes = kind === 'video' ? await this.#modesOf(input, signal) : [];
    return {
      ...{ id: `dshow:${alternative ?? name}`, kind: kind === 'video' ? 'camera' : 'microphone', name },
      ...{
        isDefault: false,
        size: null,
        modes: modes.map(({ width, height, fps }) => ({ width, height, fps })),
      },
      address: { system: 'dshow', input, formats: modes.map(({ format }) => format) },
    };
  }

  #modesOf(input: string, signal: AbortSignal): Promise<FormattedMode[]> {
    let modes = this.#modes.get(input);
    if (!modes) {
      modes = this.#ask(['-list_options', 'true', '-f', 'dshow', '-i', input], signal).then(
        (lines) => bestFirst(dshowModes(lines)),
        () => [],
      );
      this.#modes.set(input, modes);
      void modes.then((found) => found.length === 0 && this.#modes.delete(input));
    }
    return modes;
  }

  /** PowerShell may take its time: cameras and microphones are listed without it. */
  async #listDesktop(signal: AbortSignal): Promise<readonly FoundDevice[]> {
    const args = ['-NoProfile', '-NonInteractive', '-Command', desktopScript];
    try {
      const canDuplicate = await this.#canDuplicate.answer(async () => {
        const help = await outputOf(this.#ffmpeg.path, ['-hide_banner', '-h', 'filter=ddagrab'], signal);
        return help.stdout.includes('output_idx');
      });
      const { stdout } = await outputOf('powershell.exe', args, signal);
      this.#desktop = windowsDesktop(stdout, canDuplicate);
    } catch {
      signal.throwIfAborted();
    }
    return this.#desktop;
  }

  async #ask(args: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    return (await outputOf(this.#ffmpeg.path, ['-hide_banner', ...args], signal)).stderr;
  }
}
