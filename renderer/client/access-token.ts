const storageKey = 'studio-token';

/**
 * The token comes in the address's fragment (`#token=…`), which browsers never send anywhere. It is moved to the tab's
 * session storage and taken out of the address bar, so that a shared screen or a bookmark does not show it.
 */
export function takeAccessToken(): string | null {
  const fromAddress = new URLSearchParams(location.hash.slice(1)).get('token');
  if (fromAddress) {
    sessionStorage.setItem(storageKey, fromAddress);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(storageKey);
}

const socketUrl = (path: string): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;
/** the window's own socket */
export const engineUrl = (): string => socketUrl('/ws');
/** where captures are sent */
export const captureUrl = (): string => socketUrl('/capture');
