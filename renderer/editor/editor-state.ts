import type { ItemPatch } from '../../shared/model/edit';
import type { SceneItem } from '../../shared/model/scene';
import type { Size } from './geometry';
import type { ToolState } from './tool-state';
import type { ViewPort } from './view-port';

/** What the stage shows beyond the show itself; every window has its own. */
export interface EditorState {
  readonly tool: ToolState;
  /** changes that the engine has not confirmed yet, by item id: what the frame already shows */
  readonly drafts: ReadonlyMap<string, ItemPatch>;
  /** the stage in CSS pixels; null until it was measured */
  readonly room: Size | null;
  /** null: the whole canvas, whatever the room */
  readonly zoom: ViewPort | null;
  /** the item under a pointer that holds nothing */
  readonly hoveredId: string | null;
  /** the item whose name is being written in the list */
  readonly renamingId: string | null;
  /** the newest event, for screen readers; the number tells equal sentences apart */
  readonly said: { readonly text: string; readonly number: number };
}

/** The engine's state has all that the draft says. */
export const isConfirmed = (item: SceneItem, draft: ItemPatch): boolean =>
  Object.entries(draft).every(([name, value]) => {
    const now = item[name as keyof SceneItem];
    return value === null ? (now ?? null) === null : JSON.stringify(now) === JSON.stringify(value);
  });
