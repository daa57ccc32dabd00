import { desktopBridgeName } from '../shared/contract/desktop-bridge';
import { isOnAir } from './desktop-bridge';
import type { StudioState } from './store/studio-store';

interface Watched {
  getState(): StudioState;
  subscribe(listener: (state: StudioState) => void): () => void;
}

/**
 * In a browser's tab, closing it while something is on air is asked about: the show goes on without the tab, but people
 * may think that it does not, or the other way round. The desktop's window is asked about by its shell.
 * @returns a function that ends it
 */
export function askBeforeLeaving(store: Watched, page: Window = globalThis.window): () => void {
  if (desktopBridgeName in page) return () => undefined;
  const ask = (event: Event): void => {
    event.preventDefault();
  };
  // Only while it is needed: a listener keeps browsers from bringing the page back in an instant.
  const follow = (state: StudioState): void => {
    if (isOnAir(state)) page.addEventListener('beforeunload', ask);
    else page.removeEventListener('beforeunload', ask);
  };
  follow(store.getState());
  const unsubscribe = store.subscribe(follow);
  return () => {
    unsubscribe();
    page.removeEventListener('beforeunload', ask);
  };
}
