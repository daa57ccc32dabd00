import { spawn } from 'node:child_process';

/** Linux: whether anything could be shown at all. The other systems always have a screen. */
export function hasDisplay(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  return platform !== 'linux' || Boolean(env['DISPLAY'] ?? '') || Boolean(env['WAYLAND_DISPLAY'] ?? '');
}

/** The system's own opener. Windows: not `start`, whose shell would take a URL apart. */
export function openCommand(url: string, platform: NodeJS.Platform): [command: string, args: string[]] {
  if (platform === 'darwin') return ['open', [url]];
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}

/** Opens the default browser if there is one; the printed URL is there for when there is none. */
export function openUrl(url: string): void {
  if (!hasDisplay(process.env, process.platform)) return;
  const [command, args] = openCommand(url, process.platform);
  const child = spawn(command, args, { stdio: 'ignore', detached: true, windowsHide: true });
  child.once('error', () => undefined);
  child.unref();
}
