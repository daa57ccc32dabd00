import { access, mkdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { Child } from '../streaming/lib/child';
import { StudioError } from '../streaming/lib/errors';
import { patientDisks } from '../streaming/lib/patient-disks';
import type { PatientDisks } from '../streaming/lib/patient-disks';

/** a file manager may stay; whatever fails does so at once */
const patienceMs = 3000;

interface Opener {
  readonly command: string;
  readonly args: readonly string[];
}

export function folderOpener(path: string, platform: NodeJS.Platform): Opener {
  if (platform === 'win32') return { command: 'explorer.exe', args: [path] };
  return { command: platform === 'darwin' ? 'open' : 'xdg-open', args: [path] };
}

/** On Linux only a desktop session has a file manager. */
const hasDesktop = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv): boolean =>
  platform === 'win32' || platform === 'darwin' || Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY']);

interface OpenFolderOptions {
  readonly platform?: NodeJS.Platform;
  readonly env?: NodeJS.ProcessEnv;
  readonly disks?: PatientDisks;
  /** it is made when there is none yet */
  readonly isMade?: boolean;
}

/**
 * Shows the folder in the file manager of this computer.
 * @throws StudioError `folder-silent`, `folder-unopenable`
 */
export async function openFolder(
  path: string,
  {
    platform = process.platform,
    env = process.env,
    disks = patientDisks,
    isMade = true,
  }: OpenFolderOptions = {},
): Promise<void> {
  const unopenable = (reason: string): StudioError => new StudioError('folder-unopenable', { path, reason });
  if (!hasDesktop(platform, env)) throw unopenable('the engine runs without a desktop');
  const made = await disks
    .ask(
      path,
      async () => {
        await (isMade ? mkdir(path, { recursive: true }) : access(path));
      },
      { isUrgent: true },
    )
    .catch((error: unknown) => {
      throw unopenable(String((error as NodeJS.ErrnoException).code));
    });
  if (made === null) throw new StudioError('folder-silent', { path });
  const opener = folderOpener(path, platform);
  const child = new Child({ ...opener, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const impatience = new AbortController();
  const exit = await Promise.race([
    child.exited,
    setTimeout(patienceMs, null, { signal: impatience.signal }).catch(() => null),
  ]);
  impatience.abort();
  // Explorer says 1 also when all is well.
  if (exit === null || exit.code === 0 || (platform === 'win32' && exit.code === 1)) return;
  throw unopenable(child.lastLine || `${opener.command} failed`);
}
