import type { FfmpegBuild } from '../../interfaces/ffmpeg';
import type { FoundDevice } from '../source';
import { avfoundationDevices } from './camera-lists';
import type { AvfoundationDevice } from './camera-lists';
import type { DeviceListing, DeviceProbe } from './device-probe';
import { outputOf } from './program-output';

const pollMs = 2000;

/** What AVFoundation knows: cameras, screens, microphones. It tells no modes; it takes the nearest to what is asked. */
export class MacProbe implements DeviceProbe {
  readonly #ffmpeg: FfmpegBuild;

  constructor(ffmpeg: FfmpegBuild) {
    this.#ffmpeg = ffmpeg;
  }

  async list(signal: AbortSignal): Promise<DeviceListing> {
    const args = ['-hide_banner', '-f', 'avfoundation', '-list_devices', 'true', '-i', ''];
    const { stderr } = await outputOf(this.#ffmpeg.path, args, signal);
    signal.throwIfAborted();
    const found = avfoundationDevices(stderr);
    return {
      devices: found.map((device, index) =>
        macDevice(device, found.findIndex(({ kind }) => kind === device.kind) === index),
      ),
      notes: {
        window: 'macOS shows single windows to the browser’s own picker only',
        'desktop-sound': 'macOS offers it only through a virtual sound device, listed as a microphone',
      },
    };
  }

  watch(onChanged: () => void): () => void {
    const timer = setInterval(onChanged, pollMs).unref();
    return () => clearInterval(timer);
  }
}

/** Numbers change with every device that comes or goes, names stay; only screens have no better name than their number. */
export function macDevice({ kind, name }: AvfoundationDevice, isDefault: boolean): FoundDevice {
  const input = kind === 'microphone' ? `none:${name}` : `${name}:none`;
  return {
    ...{ id: `avfoundation:${name}`, kind, name: screenName(name) },
    ...{ isDefault, size: null, modes: [] },
    address: { system: 'avfoundation', input },
  };
}

/** `Capture screen 0` → `Display 1` */
function screenName(name: string): string {
  const [, number] = /^Capture screen (\d+)$/.exec(name) ?? [];
  return number === undefined ? name : `Display ${Number(number) + 1}`;
}
