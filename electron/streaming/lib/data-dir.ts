import { homedir } from 'node:os';
import { posix, resolve, win32 } from 'node:path';

const appName = 'Stream Manager Studio';

/**
 * Where a person's data lives by the custom of the system: `$STUDIO_DATA_DIR` wins everywhere; else Linux
 * `${XDG_DATA_HOME:-~/.local/share}/stream-manager-studio` (XDG Base Directory Specification: a relative value is
 * ignored), macOS `~/Library/Application Support/…`, Windows `%APPDATA%\…`.
 */
export function resolveDataDir(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string): string {
  const given = env['STUDIO_DATA_DIR'];
  if (given) return resolve(given);
  if (platform === 'win32')
    return win32.join(env['APPDATA'] ?? win32.join(home, 'AppData', 'Roaming'), appName);
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', appName);
  const xdg = env['XDG_DATA_HOME'];
  const base = xdg && posix.isAbsolute(xdg) ? xdg : posix.join(home, '.local', 'share');
  return posix.join(base, 'stream-manager-studio');
}

/** The data folder when nobody names another one. */
export const defaultDataDir = (): string => resolveDataDir(process.env, process.platform, homedir());
