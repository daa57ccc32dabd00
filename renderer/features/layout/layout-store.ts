import { createStore } from 'zustand/vanilla';

/** How this browser arranges the window; nobody else's business, so it stays in its local storage. */
export interface Layout {
  /** CSS pixels; null: what suits the window */
  leftPx: number | null;
  rightPx: number | null;
  isMixerOpen: boolean;
  isStatisticsOpen: boolean;
}

const storageKey = 'studio-layout';
export const columnLimitsPx = { left: [196, 480], right: [300, 640] } as const;
/** below this height charts would leave the picture too small */
const roomyHeightPx = 860;

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

function widthIn(value: unknown, [least, most]: readonly [number, number]): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : null;
}

/** Whatever lies in the storage, a layout comes out. */
export function readLayout(text: string | null, windowHeightPx: number): Layout {
  let saved: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text ?? '{}');
    if (typeof parsed === 'object' && parsed !== null) saved = parsed as Record<string, unknown>;
  } catch {
    // Another program wrote there, or half of it was lost: begin anew.
  }
  const isOpen = (value: unknown, otherwise: boolean): boolean =>
    typeof value === 'boolean' ? value : otherwise;
  return {
    leftPx: widthIn(saved['leftPx'], columnLimitsPx.left),
    rightPx: widthIn(saved['rightPx'], columnLimitsPx.right),
    isMixerOpen: isOpen(saved['isMixerOpen'], true),
    isStatisticsOpen: isOpen(saved['isStatisticsOpen'], windowHeightPx >= roomyHeightPx),
  };
}

export function createLayoutStore(storage: Storage, windowHeightPx: number) {
  const store = createStore<Layout>(() => readLayout(storage.getItem(storageKey), windowHeightPx));
  return {
    ...store,
    change(patch: Partial<Layout>): void {
      store.setState(patch);
      try {
        storage.setItem(storageKey, JSON.stringify(store.getState()));
      } catch {
        // A full or forbidden storage costs the next visit its layout, nothing else.
      }
    },
  };
}
