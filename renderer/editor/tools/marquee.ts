import { meets, rectBetween } from '../geometry';
import { reachableItems } from '../placed-item';
import { stay, toIdle } from '../tool-state';
import type { EditorWorld, MarqueeState, PointerInput, Tool, ToolStep } from '../tool-state';

function stretched(state: MarqueeState, event: PointerInput, world: EditorWorld): ToolStep {
  const rect = rectBetween(state.start, event.at);
  const caught = reachableItems(world.items)
    .filter(({ box }) => meets(rect, box))
    .map(({ item }) => item.id);
  return stay({ ...state, rect }, { type: 'select', itemIds: [...new Set([...state.kept, ...caught])] });
}

/** A rectangle that selects whatever it touches. */
export const marqueeTool: Tool<MarqueeState> = {
  move: stretched,
  release: (state, event, world) => toIdle(...stretched(state, event, world).effects),
  cancel: (state) => toIdle({ type: 'select', itemIds: state.kept }),
};
