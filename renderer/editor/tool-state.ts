import type { ItemPatch } from '../../shared/model/edit';
import type { ItemBox } from '../../shared/model/placement';
import type { Point, Rect, Size } from './geometry';
import type { Grip } from './handles';
import type { BoxedItem, PlacedItem } from './placed-item';
import type { HandleName } from './reshape';
import type { Guide, SnapLines } from './snap';

/** What the tools know of the show; they change nothing of it themselves. */
export interface EditorWorld {
  readonly canvas: Size;
  /** of the scene on show, the bottom one first, as they are now */
  readonly items: readonly PlacedItem[];
  readonly selection: readonly string[];
  /** CSS pixels for each canvas pixel */
  readonly scale: number;
}

export interface PointerInput {
  /** canvas pixels, with fractions */
  readonly at: Point;
  /** CSS pixels of the stage */
  readonly screen: Point;
  readonly shift: boolean;
  /** or the command key */
  readonly ctrl: boolean;
  readonly alt: boolean;
}
export type ToolEvent =
  | (PointerInput & {
      readonly type: 'press';
      /** what of the selection's frame is under the pointer */
      readonly grip: Grip | null;
      /** the middle button, or the space bar is held */
      readonly isPan: boolean;
    })
  | (PointerInput & { readonly type: 'move' })
  | (PointerInput & { readonly type: 'release' })
  /** Escape, or the system took the pointer away */
  | { readonly type: 'cancel' };

export type Patches = ReadonlyMap<string, ItemPatch>;

interface Drag {
  readonly start: Point;
  /** as they were when the drag began */
  readonly before: readonly BoxedItem[];
  readonly patches: Patches;
  readonly guides: readonly Guide[];
}
export interface IdleState {
  readonly tool: 'idle';
}
/** Pressed, and not yet moved far enough to say whether this is a click. */
export interface PressedState {
  readonly tool: 'pressed';
  readonly press: Extract<ToolEvent, { type: 'press' }>;
  readonly itemId: string | null;
  /** it was part of the selection before the press */
  readonly wasSelected: boolean;
}
export interface MovingState extends Drag {
  readonly tool: 'moving';
  /** around all that moves, as it was */
  readonly bounds: Rect;
  readonly lines: SnapLines;
}
export interface ResizingState extends Drag {
  readonly tool: 'resizing';
  readonly handle: HandleName;
  /** the box whose handle is pulled: an item's, or the one around several */
  readonly frame: ItemBox;
  readonly lines: SnapLines;
}
export interface RotatingState extends Drag {
  readonly tool: 'rotating';
  readonly pivot: Point;
}
export interface CroppingState extends Drag {
  readonly tool: 'cropping';
  readonly handle: HandleName;
}
export interface MarqueeState {
  readonly tool: 'marquee';
  readonly start: Point;
  readonly rect: Rect;
  /** what was selected before and stays so */
  readonly kept: readonly string[];
}
export interface PanningState {
  readonly tool: 'panning';
  /** CSS pixels of the stage */
  readonly last: Point;
}
export type ToolState =
  | IdleState
  | PressedState
  | MovingState
  | ResizingState
  | RotatingState
  | CroppingState
  | MarqueeState
  | PanningState;
export type ToolName = ToolState['tool'];

/** What a step asks of its surroundings, in this order. */
export type ToolEffect =
  | { readonly type: 'select'; readonly itemIds: readonly string[] }
  /** everything until `end` is one step of undo */
  | { readonly type: 'begin'; readonly label: string }
  | { readonly type: 'edit'; readonly patches: Patches }
  /** as it was before `begin` */
  | { readonly type: 'revert'; readonly patches: Patches }
  | { readonly type: 'end' }
  | { readonly type: 'pan'; readonly by: Point };

export interface ToolStep {
  readonly state: ToolState;
  readonly effects: readonly ToolEffect[];
}

/** A tool: a state with what happens when it is entered, left, and told something. All of it pure. */
export interface Tool<State extends ToolState> {
  enter?(state: State, world: EditorWorld): readonly ToolEffect[];
  exit?(state: State): readonly ToolEffect[];
  press?(state: State, event: Extract<ToolEvent, { type: 'press' }>, world: EditorWorld): ToolStep;
  move?(state: State, event: PointerInput, world: EditorWorld): ToolStep;
  release?(state: State, event: PointerInput, world: EditorWorld): ToolStep;
  /** without one: back to idle */
  cancel?(state: State, world: EditorWorld): ToolStep;
}

export const idle: IdleState = { tool: 'idle' };
export const toIdle = (...effects: ToolEffect[]): ToolStep => ({ state: idle, effects });
export const stay = (state: ToolState, ...effects: ToolEffect[]): ToolStep => ({ state, effects });
