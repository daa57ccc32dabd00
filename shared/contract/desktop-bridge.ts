/**
 * What the desktop shell offers the page in its window, as `window.studioDesktop`; absent in a browser. The page never
 * learns more of the shell than this.
 */
export interface DesktopBridge {
  /** Tells the shell whether a stream or a recording is running: closing the window then asks first. */
  setLive(isLive: boolean): void;
  /** Starts the engine again after it has been given up. */
  retryEngine(): void;
}

export const desktopBridgeName = 'studioDesktop';
export const desktopChannels = { setLive: 'desktop:set-live', retryEngine: 'desktop:retry-engine' } as const;
