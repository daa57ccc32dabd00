import { shell } from 'electron';
import type { IpcMainEvent, Session, WebContents } from 'electron';

/** What a page may ask of the system without us asking the user: nothing that leaves the window. */
const allowedPermissions = new Set(['clipboard-sanitized-write', 'fullscreen']);

/** @returns the origin, or null for what has none (data:, about:, broken) */
export function originOf(url: string): string | null {
  try {
    const { origin } = new URL(url);
    return origin === 'null' ? null : origin;
  } catch {
    return null;
  }
}

/** Our UI's origin changes with the engine's port, so it is asked for each time. */
export type OriginSource = () => string | null;

const isOurs = (url: string, ourOrigin: OriginSource): boolean => {
  const origin = originOf(url);
  return origin !== null && origin === ourOrigin();
};

/** Links to the world open in the user's browser, and only as https. */
function openOutside(url: string): void {
  if (originOf(url)?.startsWith('https://')) void shell.openExternal(url);
}

/** No page but ours in any window, no new windows, no <webview>. */
export function guardContents(contents: WebContents, ourOrigin: OriginSource): void {
  contents.on('will-frame-navigate', (event) => {
    if (isOurs(event.url, ourOrigin)) return;
    event.preventDefault();
    openOutside(event.url);
  });
  contents.on('will-redirect', (event) => {
    if (!isOurs(event.url, ourOrigin)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
}

/** Camera, notifications, devices: denied until a feature needs one. */
export function guardSession(session: Session, ourOrigin: OriginSource): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(allowedPermissions.has(permission) && isOurs(details.requestingUrl, ourOrigin));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin) =>
      allowedPermissions.has(permission) && isOurs(requestingOrigin, ourOrigin),
  );
}

/** Whether a message came from the top frame of a page of ours. `ownPages`: pages without an origin, by their URL. */
export function isFromUs(event: IpcMainEvent, ourOrigin: OriginSource, ownPages: readonly string[]): boolean {
  const frame = event.senderFrame;
  if (!frame || frame.parent) return false;
  return isOurs(frame.url, ourOrigin) || ownPages.includes(frame.url);
}
