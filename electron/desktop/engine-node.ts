import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeVariable } from '../launcher/desktop-contract';

export interface NodeSearch {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Electron's `process.resourcesPath` */
  readonly resourcesPath: string | undefined;
  readonly isPackaged: boolean;
  readonly exists?: (path: string) => boolean;
}

/**
 * The real Node for the engine. A package ships one; from a clone it is the one that ran `npm start`. Never
 * Electron's own: sharp's libvips and Electron's GLib crash in one process on Linux.
 * @throws Error when there is none
 */
export function findEngineNode({
  env,
  platform,
  resourcesPath,
  isPackaged,
  exists = existsSync,
}: NodeSearch): string {
  const shipped = join(resourcesPath ?? '', 'node', platform === 'win32' ? 'node.exe' : 'node');
  const candidates = isPackaged
    ? [shipped]
    : [env[nodeVariable], env['npm_node_execpath'], env['NODE']].filter((path) => path !== undefined);
  const found = candidates.find((path) => exists(path));
  if (!found)
    throw new Error(
      isPackaged
        ? `The installation is incomplete: ${shipped} is missing. Install the program again.`
        : 'The desktop shell needs a Node for the engine. Start it with: npm start',
    );
  return found;
}
