import type { ItemBox } from '../../shared/model/placement';
import { holds } from './geometry';
import type { Point, Size } from './geometry';
import { gripAt, gripsOf, resizeCursor } from './handles';
import type { Grip, PlacedGrip } from './handles';
import { chosenItems, itemsAt } from './placed-item';
import type { BoxedItem } from './placed-item';
import type { EditorWorld, ToolState } from './tool-state';
import { changeable } from './tools/drag';
import { frameOf } from './tools/frame';
import { boxToScreen } from './view-port';
import type { ViewPort } from './view-port';

/** What of the selection is drawn over the picture, in CSS pixels of the stage. */
export interface FrameView {
  readonly outlines: readonly { readonly placed: BoxedItem; readonly box: ItemBox }[];
  /** around all that can be changed; null without any */
  readonly frame: ItemBox | null;
  readonly grips: readonly PlacedGrip[];
}

/** In a box smaller than this the inside moves it; its grips are taken hold of from outside. */
const smallPx = 24;

export function frameView(world: EditorWorld, view: ViewPort, room: Size): FrameView {
  const outlines = chosenItems(world.items, world.selection).map((placed) => ({
    placed,
    box: boxToScreen(view, placed.box),
  }));
  const canvasFrame = frameOf(changeable(world));
  const frame = canvasFrame && boxToScreen(view, canvasFrame);
  return { outlines, frame, grips: frame ? gripsOf(frame, room) : [] };
}

export function gripUnder({ frame, grips }: FrameView, point: Point): Grip | null {
  if (!frame) return null;
  const isSmall = Math.min(frame.width, frame.height) < smallPx;
  return isSmall && holds(frame, point) ? null : gripAt(grips, point);
}

// Chromium has no cursor for turning.
const rotateCursor = `url("data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" fill="none" stroke-linecap="round" stroke-linejoin="round">' +
    '<g stroke="#000" stroke-width="4.5"><path d="M18.5 9A7 7 0 1 0 19 13"/><path d="M19 4v5h-5"/></g>' +
    '<g stroke="#fff" stroke-width="2"><path d="M18.5 9A7 7 0 1 0 19 13"/><path d="M19 4v5h-5"/></g></svg>',
)}") 12 12, grab`;

/** The pointer says what a press would do, or what is being done. */
export function cursorFor(
  state: ToolState,
  frameNow: FrameView,
  under: { readonly grip: Grip | null; readonly at: Point; readonly isPan: boolean },
  world: EditorWorld,
): string {
  switch (state.tool) {
    case 'panning':
      return 'grabbing';
    case 'moving':
      return 'move';
    case 'rotating':
      return rotateCursor;
    case 'resizing':
    case 'cropping':
      return resizeCursor(state.handle, frameNow.frame?.rotation ?? 0);
    case 'marquee':
      return 'crosshair';
    case 'pressed':
    case 'idle':
      if (under.isPan) return 'grab';
      if (under.grip === 'rotate') return rotateCursor;
      if (under.grip) return resizeCursor(under.grip, frameNow.frame?.rotation ?? 0);
      return itemsAt(world.items, under.at).length > 0 ? 'move' : 'default';
  }
}

const whole = (value: number): string => String(Math.round(value));

/** The figures beside a drag; null while nothing is dragged. */
export function readoutOf(state: ToolState, world: EditorWorld): string | null {
  const frame = frameOf(changeable(world));
  if (!frame) return null;
  switch (state.tool) {
    case 'moving':
      return `${whole(frame.x)}, ${whole(frame.y)}`;
    case 'resizing':
    case 'cropping':
      return `${whole(frame.width)} × ${whole(frame.height)}`;
    case 'rotating': {
      const [first] = state.before;
      const patch = first && state.patches.get(first.item.id);
      const degrees = state.before.length === 1 ? patch?.rotation : undefined;
      return degrees === undefined ? null : `${degrees}°`;
    }
    default:
      return null;
  }
}
