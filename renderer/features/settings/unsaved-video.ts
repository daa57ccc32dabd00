import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { WireError } from '../../../shared/contract/errors';
import type { VideoDraft } from './video-draft';

interface UnsavedVideo {
  /** what was set and neither applied nor taken back */
  readonly edited: Partial<VideoDraft>;
  /** the show is to fit a new canvas */
  readonly isFitted: boolean;
  readonly isApplying: boolean;
  /** why it could not be applied */
  readonly error: WireError | null;
}

const nothing: UnsavedVideo = { edited: {}, isFitted: true, isApplying: false, error: null };
const store = createStore<UnsavedVideo>(() => nothing);

/**
 * Size, rate and encoder as they are being set, while this page lives: another tab of the settings, or a dialog closed by
 * a slip, is come back from.
 */
export const unsavedVideo = {
  change: (patch: Partial<VideoDraft>): void =>
    store.setState(({ edited }) => ({ edited: { ...edited, ...patch }, error: null })),
  fit: (isFitted: boolean): void => store.setState({ isFitted }),
  takeBack: (): void => store.setState({ edited: {}, error: null }),
  applying: (): void => store.setState({ isApplying: true, error: null }),
  refused: (error: WireError): void => store.setState({ isApplying: false, error }),
  /** What was set again while it was being applied stays. @param sent the draft as it was sent */
  applied: (sent: Partial<VideoDraft>): void =>
    store.setState(({ edited }) => ({
      edited: Object.fromEntries(
        Object.entries(edited).filter(([name, value]) => sent[name as keyof VideoDraft] !== value),
      ),
      isApplying: false,
      error: null,
    })),
};

export const useUnsavedVideo = (): UnsavedVideo => useStore(store);
