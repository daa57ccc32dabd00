import type { Point } from '../geometry';
import {
  boxPatch,
  carriedBox,
  croppedItem,
  fittingBox,
  isCorner,
  pulledScale,
  scaledBox,
  turnedBox,
} from '../reshape';
import { snapMove, snapScale, snapTurn } from '../snap';
import type { CroppingState, MovingState, ResizingState, RotatingState } from '../tool-state';
import { dragTool, snapReach } from './drag';

const shiftOf = (from: Point, to: Point): Point => ({ x: to.x - from.x, y: to.y - from.y });

/** Shift keeps to one axis, control lets go of the lines. */
export const movingTool = dragTool<MovingState>('Move', (state, event, world) => {
  const free = shiftOf(state.start, event.at);
  const isLevel = Math.abs(free.x) >= Math.abs(free.y);
  const shift = event.shift ? { x: isLevel ? free.x : 0, y: isLevel ? 0 : free.y } : free;
  const { bounds } = state;
  const moved = { ...bounds, x: bounds.x + shift.x, y: bounds.y + shift.y };
  const snapped = event.ctrl
    ? { shift: { x: 0, y: 0 }, guides: [] }
    : snapMove(moved, state.lines, snapReach(world));
  const isHeld = { x: event.shift && !isLevel, y: event.shift && isLevel };
  // Whole pixels for all together: what is arranged stays arranged.
  const by = {
    x: Math.round(shift.x + (isHeld.x ? 0 : snapped.shift.x)),
    y: Math.round(shift.y + (isHeld.y ? 0 : snapped.shift.y)),
  };
  return {
    ...state,
    guides: snapped.guides.filter(({ axis }) => !isHeld[axis]),
    patches: new Map(
      state.before.map(({ item, box }) => [
        item.id,
        boxPatch(box, fittingBox({ ...box, x: box.x + by.x, y: box.y + by.y })),
      ]),
    ),
  };
});

/** What has a shape of its own keeps it at the corners; shift asks for the contrary. */
export const resizingTool = dragTool<ResizingState>('Resize', (state, event, world) => {
  const { frame, handle, before } = state;
  const [first] = before;
  const isOne = before.length === 1;
  const isSkewed = !isOne && before.some(({ box }) => box.rotation % 90 !== 0);
  const keepsByItself = isCorner(handle) && !(isOne && first?.kind === 'color');
  const options = { keepsRatio: isSkewed || keepsByItself !== event.shift, isFromCentre: event.alt };
  const pulled = pulledScale(frame, handle, shiftOf(state.start, event.at), options);
  const { scale, guides } = event.ctrl
    ? { scale: pulled, guides: [] }
    : snapScale(frame, handle, pulled, state.lines, snapReach(world), options);
  const after = scaledBox(frame, handle, scale, options.isFromCentre);
  return {
    ...state,
    guides,
    patches: new Map(
      before.map(({ item, box }) => [item.id, boxPatch(box, isOne ? after : carriedBox(box, frame, after))]),
    ),
  };
});

/** Shift turns in steps of 15°, control never sticks to upright. */
export const rotatingTool = dragTool<RotatingState>('Rotate', (state, event) => {
  const { pivot, before, start } = state;
  const angleOf = (point: Point): number =>
    (Math.atan2(point.y - pivot.y, point.x - pivot.x) * 180) / Math.PI;
  const [first] = before;
  const from = before.length === 1 && first ? first.box.rotation : 0;
  const free = from + angleOf(event.at) - angleOf(start);
  const degrees = snapTurn(free, { isStepped: event.shift, isFree: event.ctrl }) - from;
  return {
    ...state,
    patches: new Map(
      before.map(({ item, box }) => {
        const after = turnedBox(box, pivot, degrees);
        const patch = boxPatch(box, after);
        // An item that turns about its own centre stays where it is.
        return [
          item.id,
          before.length === 1 ? { rotation: after.rotation } : { ...patch, rotation: after.rotation },
        ];
      }),
    ),
  };
});

export const croppingTool = dragTool<CroppingState>('Crop', (state, event) => {
  const [first] = state.before;
  if (!first?.size) return state;
  const shift = shiftOf(state.start, event.at);
  const { patch } = croppedItem(first.item, first.size, first.box, state.handle, shift);
  return { ...state, patches: new Map([[first.item.id, patch]]) };
});
