import { editLabel } from '../../actions/edit-label';
import type { ItemPatch } from '../../../shared/model/edit';
import type { SceneItem } from '../../../shared/model/scene';
import { chosenItems, reachableItems } from '../placed-item';
import type { BoxedItem } from '../placed-item';
import { snapLines } from '../snap';
import type { SnapLines } from '../snap';
import { stay, toIdle } from '../tool-state';
import type {
  CroppingState,
  EditorWorld,
  MovingState,
  Patches,
  PointerInput,
  ResizingState,
  RotatingState,
  Tool,
  ToolStep,
} from '../tool-state';

/** CSS pixels within which things stick. */
const snapReachPx = 8;
export const snapReach = (world: EditorWorld): number => snapReachPx / world.scale;

/** What of the selection the pointer may change. */
export const changeable = (world: EditorWorld): BoxedItem[] =>
  chosenItems(world.items, world.selection).filter(({ item }) => !item.isLocked);

/** Lines of all that stays where it is. */
export const linesBeside = (world: EditorWorld, moving: readonly BoxedItem[]): SnapLines => {
  const ids = new Set(moving.map(({ item }) => item.id));
  return snapLines(
    world.canvas,
    reachableItems(world.items)
      .filter(({ item }) => !ids.has(item.id))
      .map(({ box }) => box),
  );
};

/** "Move Title", "Move 3 items"; at most as long as a label may be. */
export const labelFor = (verb: string, items: readonly { readonly name: string }[]): string =>
  editLabel(`${verb} ${items.length === 1 ? (items[0]?.name ?? '') : `${items.length} items`}`);

/** All that a drag can change, as it is now. */
export const placeOf = (item: SceneItem): ItemPatch => ({
  x: item.x,
  y: item.y,
  width: item.width ?? null,
  height: item.height ?? null,
  rotation: item.rotation,
  crop: item.crop,
});

/** Those that somebody removed meanwhile are left out: an edit of them would fail as a whole. */
export const present = (patches: Patches, world: EditorWorld): Patches => {
  const ids = new Set(world.items.map(({ item }) => item.id));
  return new Map([...patches].filter(([id]) => ids.has(id)));
};

type DragState = MovingState | ResizingState | RotatingState | CroppingState;

/** What all drags have in common: one step of undo, the drop at the last place, everything back on Escape. */
export function dragTool<State extends DragState>(
  verb: string,
  dragged: (state: State, event: PointerInput, world: EditorWorld) => State,
): Tool<State> {
  const moved: NonNullable<Tool<State>['move']> = (state, event, world): ToolStep => {
    const next = dragged(state, event, world);
    const patches = present(next.patches, world);
    return stay(next, ...(patches.size > 0 ? [{ type: 'edit', patches } as const] : []));
  };
  return {
    enter: (state) => [{ type: 'begin', label: labelFor(verb, state.before) }],
    exit: () => [{ type: 'end' }],
    move: moved,
    release: (state, event, world) => toIdle(...moved(state, event, world).effects),
    cancel: (state, world) =>
      toIdle({
        type: 'revert',
        patches: present(new Map(state.before.map(({ item }) => [item.id, placeOf(item)])), world),
      }),
  };
}
