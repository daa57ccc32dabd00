import { watch } from 'node:fs';
import { readFile, readdir, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FfmpegBuild } from '../../interfaces/ffmpeg';
import type { FoundDevice } from '../source';
import { bestFirst, v4l2CtlModes, v4l2FfmpegModes } from './camera-lists';
import type { FormattedMode } from './camera-lists';
import type { DeviceListing, DeviceProbe } from './device-probe';
import { outputOf } from './program-output';

/** udev needs a moment to make links and rights after the node has appeared */
const settleMs = 300;

export interface CameraFolders {
  readonly dev: string;
  readonly sys: string;
}

/** Video4Linux cameras: named by the kernel, identified by udev's links (serial number, else the port). */
export class LinuxCameras implements DeviceProbe {
  readonly #ffmpeg: FfmpegBuild;
  readonly #folders: CameraFolders;
  /** node and its time of birth → what it can do */
  readonly #modes = new Map<string, Promise<FormattedMode[]>>();

  constructor(ffmpeg: FfmpegBuild, folders: CameraFolders = { dev: '/dev', sys: '/sys/class/video4linux' }) {
    this.#ffmpeg = ffmpeg;
    this.#folders = folders;
  }

  async list(signal: AbortSignal): Promise<DeviceListing> {
    const nodes = (await namesIn(this.#folders.sys)).filter((name) => /^video\d+$/.test(name));
    const links = await this.#links();
    const cameras = await Promise.all(
      nodes
        .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
        .map((node) => this.#camera(node, links.get(node), signal)),
    );
    signal.throwIfAborted();
    const devices = cameras.filter((camera) => camera !== null);
    return { devices: devices.map((device, index) => ({ ...device, isDefault: index === 0 })), notes: {} };
  }

  watch(onChanged: () => void): () => void {
    let settling: NodeJS.Timeout | undefined;
    try {
      const watcher = watch(this.#folders.dev, { persistent: false }, (_event, name) => {
        if (!name?.startsWith('video')) return;
        clearTimeout(settling);
        settling = setTimeout(onChanged, settleMs).unref();
      });
      watcher.on('error', () => undefined);
      return () => {
        clearTimeout(settling);
        watcher.close();
      };
    } catch {
      return () => undefined;
    }
  }

  /** null: no camera, but one of the other nodes that a camera has (for its metadata) or an output */
  async #camera(node: string, link: string | undefined, signal: AbortSignal): Promise<FoundDevice | null> {
    const { dev, sys } = this.#folders;
    const [name, index, born] = await Promise.all([
      textOf(join(sys, node, 'name')),
      textOf(join(sys, node, 'index')),
      stat(join(dev, node)).then(
        ({ ctimeMs }) => ctimeMs,
        () => null,
      ),
    ]);
    if (born === null || (index !== '' && index !== '0')) return null;
    const path = join(dev, node);
    const modes = await this.#modesOf(path, born, signal);
    return {
      ...{ id: `v4l2:${link ?? path}`, kind: 'camera', name: cameraName(name, node), isDefault: false },
      size: null,
      modes: modes.map(({ width, height, fps }) => ({ width, height, fps })),
      address: { system: 'v4l2', input: path, formats: modes.map(({ format }) => format) },
    };
  }

  #modesOf(path: string, born: number, signal: AbortSignal): Promise<FormattedMode[]> {
    const key = `${path} ${born}`;
    let modes = this.#modes.get(key);
    if (!modes) {
      // One that hangs is listed all the same, without modes.
      modes = this.#ask(path, signal).then(bestFirst, () => []);
      this.#modes.set(key, modes);
      // Nothing learnt is asked again: it may have been busy with being plugged in.
      void modes.then((found) => found.length === 0 && this.#modes.delete(key));
    }
    return modes;
  }

  async #ask(path: string, signal: AbortSignal): Promise<FormattedMode[]> {
    const told = await outputOf('v4l2-ctl', ['-d', path, '--list-formats-ext'], signal);
    const modes = v4l2CtlModes(told.stdout);
    if (modes.length > 0) return modes;
    const args = ['-hide_banner', '-f', 'v4l2', '-list_formats', 'all', '-i', path];
    return v4l2FfmpegModes((await outputOf(this.#ffmpeg.path, args, signal)).stderr);
  }

  /** node → udev's name for it: by its serial number, else by its port */
  async #links(): Promise<Map<string, string>> {
    const links = new Map<string, string>();
    for (const folder of ['by-path', 'by-id']) {
      const path = join(this.#folders.dev, 'v4l', folder);
      for (const name of await namesIn(path)) {
        const target = await readlink(join(path, name)).catch(() => null);
        if (target !== null) links.set(basename(target), join(path, name));
      }
    }
    return links;
  }
}

/** `HD Pro Webcam C920: HD Pro Webcam` is what the kernel makes of a name that does not fit. */
function cameraName(name: string, node: string): string {
  const [first, second] = name.split(': ');
  if (!first) return `Camera ${node.slice(5)}`;
  return second !== undefined && (first.startsWith(second) || second.startsWith(first)) ? first : name;
}

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );

const namesIn = (path: string): Promise<string[]> => readdir(path).catch(() => []);
