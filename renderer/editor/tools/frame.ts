import type { ItemBox } from '../../../shared/model/placement';
import { boundsOf } from '../geometry';
import type { BoxedItem } from '../placed-item';

/** The frame around what is selected: one item's own, turned box, or the upright one around several. */
export function frameOf(items: readonly BoxedItem[]): ItemBox | null {
  const [first] = items;
  if (items.length === 1 && first) return first.box;
  const bounds = boundsOf(items.map(({ box }) => box));
  return bounds && { ...bounds, rotation: 0 };
}
