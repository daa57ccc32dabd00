import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** in the data folder while a studio runs that was opened in a browser */
const redirectFileName = 'open.html';

/** Linux: whether anything could be shown at all. The other systems always have a screen. */
export function hasDisplay(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  return platform !== 'linux' || Boolean(env['DISPLAY'] ?? '') || Boolean(env['WAYLAND_DISPLAY'] ?? '');
}

/** The system's own opener. Windows: not `start`, whose shell would take a path apart. */
export function openCommand(path: string, platform: NodeJS.Platform): [command: string, args: string[]] {
  if (platform === 'darwin') return ['open', [path]];
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', path]];
  return ['xdg-open', [path]];
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (char) => escapes[char] ?? char);

/** A page that leads to the URL at once, with scripts or without. */
function redirectPage(url: string): string {
  // In a script `<` could begin `</script>`; JSON may write it in another way.
  const literal = JSON.stringify(url).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url=${escapeHtml(url)}">
<title>Stream Manager Studio</title>
<script>location.replace(${literal})</script>
<a href="${escapeHtml(url)}">Open the studio</a>
</html>
`;
}

/**
 * A file that leads a browser to the URL. Command lines are shown to every user of the machine (`ps`), and the URL holds
 * the access token; the file is for its owner's eyes only, as `token` beside it is.
 * @returns its path
 */
export function writeRedirect(url: string, dataDir: string): string {
  const path = join(dataDir, redirectFileName);
  // A file that is there keeps its mode, so it goes first.
  rmSync(path, { force: true });
  writeFileSync(path, redirectPage(url), { mode: 0o600, flag: 'wx' });
  return path;
}

export function removeRedirect(dataDir: string): void {
  rmSync(join(dataDir, redirectFileName), { force: true });
}

/** Opens the default browser if there is one. It may fail in any way: the printed URL is there for that. */
export function openUrl(url: string, dataDir: string): void {
  if (!hasDisplay(process.env, process.platform)) return;
  try {
    const [command, args] = openCommand(writeRedirect(url, dataDir), process.platform);
    const child = spawn(command, args, { stdio: 'ignore', detached: true, windowsHide: true });
    child.once('error', () => undefined);
    child.unref();
  } catch (error) {
    process.stderr.write(
      `The browser could not be opened (${error instanceof Error ? error.message : String(error)}).\n`,
    );
  }
}
