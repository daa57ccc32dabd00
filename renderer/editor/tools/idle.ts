import { itemsAt } from '../placed-item';
import { stay } from '../tool-state';
import type { IdleState, Tool } from '../tool-state';

/** Nothing is held. A press chooses what it hits at once, so that it can be dragged in the same breath. */
export const idleTool: Tool<IdleState> = {
  press(_state, press, world) {
    if (press.isPan) return stay({ tool: 'panning', last: press.screen });
    if (press.grip !== null) return stay({ tool: 'pressed', press, itemId: null, wasSelected: true });
    const hits = itemsAt(world.items, press.at).map(({ item }) => item.id);
    // Alt takes hold of what is selected though something lies over it.
    const covered = press.alt ? hits.find((id) => world.selection.includes(id)) : undefined;
    const itemId = covered ?? hits[0] ?? null;
    const wasSelected = itemId !== null && world.selection.includes(itemId);
    const pressed = stay({ tool: 'pressed', press, itemId, wasSelected });
    if (itemId === null || wasSelected) return pressed;
    const itemIds = press.shift || press.ctrl ? [...world.selection, itemId] : [itemId];
    return { ...pressed, effects: [{ type: 'select', itemIds }] };
  },
};
