import { readFileSync, readlinkSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';

interface Mount {
  readonly point: string;
  /** behind a network or another process: looking at it can hang */
  readonly isRemote: boolean;
}

const remoteTypes = /^(9p|afs|autofs|ceph|cifs|coda|davfs|fuse|gluster|ncp|nfs|smb)/;
const root: Mount = { point: '/', isRemote: false };
/** as Linux itself (path_resolution(7)) */
const mostLinks = 40;

/** `\040` and the like in /proc/self/mountinfo */
const unescape = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(parseInt(digits, 8)));

const isBelow = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`);

/**
 * The disk or network share on which a path lies, without asking a share anything. Two paths with the same answer hang
 * together. Links are followed on Linux, as far as they lie on disks of this computer; elsewhere a link counts for the
 * disk that it lies on.
 * @param path absolute
 */
export function driveOf(path: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'linux') return mountOf(path, readMounts()).point;
  const volume = platform === 'darwin' ? /^\/Volumes\/[^/]+/.exec(path)?.[0] : undefined;
  return volume ?? parse(path).root;
}

function mountOf(path: string, mounts: readonly Mount[]): Mount {
  let [at, rest, links] = ['/', path.split('/').filter(Boolean), 0];
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    const next = join(at, part);
    const mount = longestOf(mounts, next);
    if (mount.isRemote) return mount;
    const target = links < mostLinks ? linkTarget(next) : null;
    if (target === null) {
      at = next;
      continue;
    }
    links += 1;
    rest = [...resolve(at, target).split('/').filter(Boolean), ...rest];
    at = '/';
  }
  return longestOf(mounts, at);
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function readMounts(): Mount[] {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [fields = '', source = ''] = line.split(' - ');
        return { point: unescape(fields.split(' ')[4] ?? '/'), isRemote: remoteTypes.test(source) };
      });
  } catch {
    // Without /proc all is taken for one disk.
    return [];
  }
}

const longestOf = (mounts: readonly Mount[], path: string): Mount =>
  mounts
    .filter(({ point }) => isBelow(path, point))
    .reduce((longest, mount) => (mount.point.length >= longest.point.length ? mount : longest), root);
