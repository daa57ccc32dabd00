import { stay, toIdle } from './tool-state';
import type { EditorWorld, Tool, ToolEffect, ToolEvent, ToolName, ToolState, ToolStep } from './tool-state';
import { croppingTool, movingTool, resizingTool, rotatingTool } from './tools/drags';
import { idleTool } from './tools/idle';
import { marqueeTool } from './tools/marquee';
import { panningTool } from './tools/panning';
import { pressedTool } from './tools/pressed';

type Tools = { readonly [Name in ToolName]: Tool<Extract<ToolState, { tool: Name }>> };

const tools: Tools = {
  idle: idleTool,
  pressed: pressedTool,
  moving: movingTool,
  resizing: resizingTool,
  rotating: rotatingTool,
  cropping: croppingTool,
  marquee: marqueeTool,
  panning: panningTool,
};

const toolOf = (state: ToolState): Tool<ToolState> => tools[state.tool];

function told(state: ToolState, event: ToolEvent, world: EditorWorld): ToolStep {
  const tool = toolOf(state);
  switch (event.type) {
    case 'press':
      return tool.press?.(state, event, world) ?? stay(state);
    case 'move':
      return tool.move?.(state, event, world) ?? stay(state);
    case 'release':
      return tool.release?.(state, event, world) ?? stay(state);
    case 'cancel':
      return tool.cancel?.(state, world) ?? toIdle();
  }
}

/**
 * One step of the editor: pure. A change of tool lets the old one clean up and the new one begin; a drag that has just
 * begun is moved at once to where the pointer is.
 */
export function step(state: ToolState, event: ToolEvent, world: EditorWorld): ToolStep {
  const next = told(state, event, world);
  if (next.state.tool === state.tool) return next;
  const effects: ToolEffect[] = [
    ...next.effects,
    ...(toolOf(state).exit?.(state) ?? []),
    ...(toolOf(next.state).enter?.(next.state, world) ?? []),
  ];
  if (event.type !== 'move') return { state: next.state, effects };
  const moved = toolOf(next.state).move?.(next.state, event, world) ?? stay(next.state);
  return { state: moved.state, effects: [...effects, ...moved.effects] };
}
