import { boundsOf, centreOf } from '../geometry';
import { itemsAt } from '../placed-item';
import { stay, toIdle } from '../tool-state';
import type { EditorWorld, PointerInput, PressedState, Tool, ToolState } from '../tool-state';
import { changeable, linesBeside } from './drag';
import { frameOf } from './frame';

/** CSS pixels that a hand trembles when it clicks. */
const clickReachPx = 3;

/** What a press becomes once the pointer has moved. */
function dragFrom({ press, itemId }: PressedState, world: EditorWorld): ToolState {
  const before = changeable(world);
  const frame = frameOf(before);
  const common = { start: press.at, before, patches: new Map<never, never>(), guides: [] };
  if (press.grip !== null && frame) {
    const [first] = before;
    if (press.grip === 'rotate') return { tool: 'rotating', ...common, pivot: centreOf(frame) };
    if (press.alt && before.length === 1 && first?.size)
      return { tool: 'cropping', ...common, handle: press.grip };
    const lines = linesBeside(world, before);
    return { tool: 'resizing', ...common, handle: press.grip, frame, lines };
  }
  const bounds = boundsOf(before.map(({ box }) => box));
  if (itemId !== null && bounds)
    return { tool: 'moving', ...common, bounds, lines: linesBeside(world, before) };
  return {
    tool: 'marquee',
    start: press.at,
    rect: { ...press.at, width: 0, height: 0 },
    kept: press.shift || press.ctrl ? world.selection : [],
  };
}

/** Alt and a click: what lies below the selected item at this point, and from the lowest again the topmost. */
function nextBelow(event: PointerInput, world: EditorWorld): string | null {
  const ids = itemsAt(world.items, event.at).map(({ item }) => item.id);
  const current = ids.findIndex((id) => world.selection.includes(id));
  return ids[(current + 1) % Math.max(1, ids.length)] ?? null;
}

export const pressedTool: Tool<PressedState> = {
  move(state, event, world) {
    const { screen } = state.press;
    const distance = Math.hypot(event.screen.x - screen.x, event.screen.y - screen.y);
    return distance <= clickReachPx ? stay(state) : stay(dragFrom(state, world));
  },
  release({ press, itemId, wasSelected }, event, world) {
    if (press.grip !== null) return toIdle();
    const isAdding = press.shift || press.ctrl;
    if (press.alt && wasSelected) {
      const below = nextBelow(event, world);
      return below === null ? toIdle() : toIdle({ type: 'select', itemIds: [below] });
    }
    if (itemId === null) return isAdding ? toIdle() : toIdle({ type: 'select', itemIds: [] });
    if (!wasSelected) return toIdle();
    return toIdle({
      type: 'select',
      itemIds: isAdding ? world.selection.filter((id) => id !== itemId) : [itemId],
    });
  },
};
