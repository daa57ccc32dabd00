import { stay, toIdle } from '../tool-state';
import type { PanningState, Tool } from '../tool-state';

/** The canvas follows the hand. */
export const panningTool: Tool<PanningState> = {
  move: (state, { screen }) =>
    stay(
      { tool: 'panning', last: screen },
      { type: 'pan', by: { x: screen.x - state.last.x, y: screen.y - state.last.y } },
    ),
  release: () => toIdle(),
};
