import { readFileSync } from 'node:fs';
import { parse } from 'node:path';

/** `\040` and the like in /proc/self/mountinfo */
const unescape = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(parseInt(digits, 8)));

const isBelow = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`);

/**
 * The disk or network share on which a path lies by its name, without asking that disk anything. Two paths with the
 * same answer hang together. A link into another disk counts for the disk that it lies on.
 * @param path absolute
 */
export function driveOf(path: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'linux') return longestMount(path);
  const volume = platform === 'darwin' ? /^\/Volumes\/[^/]+/.exec(path)?.[0] : undefined;
  return volume ?? parse(path).root;
}

function longestMount(path: string): string {
  let mounts: string[] = [];
  try {
    mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => unescape(line.split(' ')[4] ?? ''));
  } catch {
    // Without /proc all is taken for one disk.
  }
  return mounts
    .filter((mount) => mount !== '' && isBelow(path, mount))
    .reduce((longest, mount) => (mount.length > longest.length ? mount : longest), '/');
}
