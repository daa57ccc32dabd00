import type { EditInput, ItemPatch } from '../../shared/model/edit';
import { boundsOf, normalDegrees } from './geometry';
import type { Size } from './geometry';
import type { BoxedItem, PlacedItem } from './placed-item';
import { fittingBox } from './reshape';
import { labelFor } from './tools/drag';

/** Edits with the name of their step of undo; without edits there is nothing to do. */
export interface EditPlan {
  readonly edits: readonly EditInput[];
  readonly label: string;
}

const update = (items: readonly PlacedItem[], verb: string, patchOf: (placed: PlacedItem) => ItemPatch) => ({
  edits: items.map((placed): EditInput => ({
    type: 'item.update',
    itemId: placed.item.id,
    patch: patchOf(placed),
  })),
  label: labelFor(verb, items),
});
const free = <Item extends PlacedItem>(items: readonly Item[]): Item[] =>
  items.filter(({ item }) => !item.isLocked);
const placeAt = (box: BoxedItem['box'], place: { x?: number; y?: number }): ItemPatch => {
  const { x, y } = fittingBox({ ...box, ...place });
  return { x, y };
};

/** By whole canvas pixels. */
export const nudgePlan = (items: readonly PlacedItem[], dx: number, dy: number): EditPlan =>
  update(free(items), 'Move', ({ item }) =>
    placeAt({ x: item.x, y: item.y, width: 1, height: 1, rotation: 0 }, { x: item.x + dx, y: item.y + dy }),
  );

export const alignments = ['left', 'centre', 'right', 'top', 'middle', 'bottom'] as const;
export type Alignment = (typeof alignments)[number];

/** One item to the canvas, several to the frame around them. */
export function alignPlan(items: readonly BoxedItem[], to: Alignment, canvas: Size): EditPlan {
  const chosen = free(items);
  const group = boundsOf(chosen.map(({ box }) => box));
  const frame = chosen.length === 1 || !group ? { x: 0, y: 0, ...canvas } : group;
  return update(chosen, 'Align', ({ box }) => {
    const bounds = box && boundsOf([box]);
    if (!box || !bounds) return {};
    const shift = {
      left: frame.x - bounds.x,
      centre: frame.x + (frame.width - bounds.width) / 2 - bounds.x,
      right: frame.x + frame.width - bounds.width - bounds.x,
      top: frame.y - bounds.y,
      middle: frame.y + (frame.height - bounds.height) / 2 - bounds.y,
      bottom: frame.y + frame.height - bounds.height - bounds.y,
    }[to];
    const isLevel = to === 'left' || to === 'centre' || to === 'right';
    return placeAt(box, isLevel ? { x: box.x + shift } : { y: box.y + shift });
  });
}

/** To the middle of the canvas, all together. */
export function centrePlan(items: readonly BoxedItem[], canvas: Size): EditPlan {
  const chosen = free(items);
  const bounds = boundsOf(chosen.map(({ box }) => box));
  if (!bounds) return { edits: [], label: 'Centre' };
  const dx = Math.round((canvas.width - bounds.width) / 2 - bounds.x);
  const dy = Math.round((canvas.height - bounds.height) / 2 - bounds.y);
  return update(chosen, 'Centre', ({ box }) => (box ? placeAt(box, { x: box.x + dx, y: box.y + dy }) : {}));
}

/** `fit`: as large as the canvas allows, in its own proportions; `stretch`: all of the canvas. Upright in both cases. */
export function fitPlan(items: readonly BoxedItem[], how: 'fit' | 'stretch', canvas: Size): EditPlan {
  return update(free(items), how === 'fit' ? 'Fit' : 'Stretch', ({ box, size, item }) => {
    if (!box) return {};
    const part = size
      ? {
          width: Math.max(1, size.width - item.crop.left - item.crop.right),
          height: Math.max(1, size.height - item.crop.top - item.crop.bottom),
        }
      : box;
    const scale = Math.min(canvas.width / part.width, canvas.height / part.height);
    const wanted = how === 'stretch' ? canvas : { width: part.width * scale, height: part.height * scale };
    const { x, y, width, height } = fittingBox({
      x: (canvas.width - wanted.width) / 2,
      y: (canvas.height - wanted.height) / 2,
      ...wanted,
      rotation: 0,
    });
    return { x, y, width, height, rotation: 0 };
  });
}

/** As it came: its source's own size, upright, whole, not mirrored, in the corner. */
export const resetPlan = (items: readonly PlacedItem[]): EditPlan =>
  update(free(items), 'Reset', () => ({
    x: 0,
    y: 0,
    width: null,
    height: null,
    rotation: 0,
    isFlippedX: false,
    isFlippedY: false,
    crop: { left: 0, top: 0, right: 0, bottom: 0 },
  }));

export const flipPlan = (items: readonly PlacedItem[], axis: 'x' | 'y'): EditPlan =>
  update(free(items), 'Flip', ({ item }) =>
    axis === 'x' ? { isFlippedX: !item.isFlippedX } : { isFlippedY: !item.isFlippedY },
  );

/** Each about its own centre. */
export const turnPlan = (items: readonly PlacedItem[], degrees: number): EditPlan =>
  update(free(items), 'Rotate', ({ item }) => ({ rotation: normalDegrees(item.rotation + degrees) }));

export const opacityPlan = (items: readonly PlacedItem[], opacity: number): EditPlan =>
  update(free(items), 'Change opacity of', () => ({ opacity: Math.min(1, Math.max(0, opacity)) }));

export const visiblePlan = (items: readonly PlacedItem[], visible: boolean): EditPlan =>
  update(items, visible ? 'Show' : 'Hide', () => ({ visible }));

export const lockedPlan = (items: readonly PlacedItem[], isLocked: boolean): EditPlan =>
  update(items, isLocked ? 'Lock' : 'Unlock', () => ({ isLocked }));

export const removePlan = (items: readonly PlacedItem[]): EditPlan => ({
  edits: items.map(({ item }): EditInput => ({ type: 'item.remove', itemId: item.id })),
  label: labelFor('Delete', items),
});
