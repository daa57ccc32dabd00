import { join, posix, resolve } from 'node:path';
import { paths } from './paths';

const resourcePrefix = 'resource:';

export const isResourcePath = (path: string): boolean => path.startsWith(resourcePrefix);

/**
 * Where a file that a source names lies: relative paths from the show's folder, `resource:…` among the studio's own
 * resources. Nothing leads out of those: `..` at their top stays at their top, as in a chroot.
 */
export function locateFile(path: string, baseFolder: string): string {
  if (!isResourcePath(path)) return resolve(baseFolder, path);
  const inside = path.slice(resourcePrefix.length).replaceAll('\\', '/');
  return join(paths.resources, posix.normalize(`/${inside}`));
}
