import { desktopBridgeName } from '../shared/contract/desktop-bridge';
import type { DesktopBridge } from '../shared/contract/desktop-bridge';
import type { StudioState } from './store/studio-store';

interface Watched {
  getState(): StudioState;
  subscribe(listener: (state: StudioState) => void): () => void;
}

/** Streaming or recording: closing the window must be asked about. */
export const isOnAir = ({ snapshot }: StudioState): boolean =>
  snapshot !== null && (snapshot.live.isLive || snapshot.recording.state === 'recording');

/** Keeps the desktop shell, where there is one, told whether something is on air. @returns a function that ends it */
export function tellDesktop(
  store: Watched,
  bridge: DesktopBridge | undefined = (globalThis as { [desktopBridgeName]?: DesktopBridge })[
    desktopBridgeName
  ],
): () => void {
  if (!bridge) return () => undefined;
  let told = isOnAir(store.getState());
  bridge.setLive(told);
  return store.subscribe((state) => {
    const now = isOnAir(state);
    if (now === told) return;
    told = now;
    bridge.setLive(now);
  });
}
