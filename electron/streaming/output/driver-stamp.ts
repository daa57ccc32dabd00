import { readFile, readdir, readlink, stat } from 'node:fs/promises';
import { release, version } from 'node:os';
import { basename, join } from 'node:path';

export interface DriverStampOptions {
  readonly platform?: NodeJS.Platform;
  /** of the system's own files, for tests */
  readonly root?: string;
  /** as the kernel names itself */
  readonly osRelease?: string;
}

/** where the encoders' own libraries lie: a driver that is updated brings other ones */
const libraries: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['usr/lib/x86_64-linux-gnu/dri', 'usr/lib/aarch64-linux-gnu/dri', 'usr/lib64/dri', 'usr/lib/dri'],
  win32: ['nvEncodeAPI64.dll', 'amfrt64.dll', 'libmfxhw64.dll', 'libvpl.dll'].map(
    (name) => `Windows/System32/${name}`,
  ),
};

/**
 * Changes when a driver is updated or a graphics card is another one: what was found out about the hardware then no longer
 * counts. Read from files alone, within milliseconds: the system's release, NVIDIA's version, each card's vendor, device
 * and kernel module, and when the encoders' libraries were written.
 */
export async function driverStamp(options: DriverStampOptions = {}): Promise<string> {
  const { platform = process.platform, root = platform === 'win32' ? 'C:/' : '/' } = options;
  const osRelease = options.osRelease ?? `${release()} ${version()}`;
  const [nvidia, cards, written] = await Promise.all([
    platform === 'linux' ? textOf(join(root, 'proc/driver/nvidia/version')) : '',
    platform === 'linux' ? graphicsCards(root) : [],
    Promise.all((libraries[platform] ?? []).map((path) => writtenAt(join(root, path)))),
  ]);
  return [osRelease, nvidia.split('\n')[0], ...cards, ...written].filter(Boolean).join(' | ');
}

async function graphicsCards(root: string): Promise<string[]> {
  const folder = join(root, 'sys/class/drm');
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^card\d+$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const device = join(folder, name, 'device');
      const driver = basename(await readlink(join(device, 'driver')).catch(() => ''));
      const facts = await Promise.all([
        textOf(join(device, 'vendor')),
        textOf(join(device, 'device')),
        ...(driver === '' ? [] : ['version', 'srcversion']).map((fact) =>
          textOf(join(root, 'sys/module', driver, fact)),
        ),
      ]);
      return [name, driver, ...facts].filter(Boolean).join(' ');
    }),
  );
}

const textOf = async (path: string): Promise<string> => (await readFile(path, 'utf8').catch(() => '')).trim();

const writtenAt = (path: string): Promise<string> =>
  stat(path).then(
    ({ mtimeMs, size }) => `${basename(path)} ${Math.round(mtimeMs)} ${size}`,
    () => '',
  );
