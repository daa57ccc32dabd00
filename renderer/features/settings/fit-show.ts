import type { Snapshot } from '../../../shared/contract/snapshot';
import type { EditInput } from '../../../shared/model/edit';
import { itemBox } from '../../../shared/model/placement';

interface Size {
  readonly width: number;
  readonly height: number;
}

const farthest = 16_384;
const within = (value: number, least: number): number =>
  Math.max(least, Math.min(farthest, Math.round(value)));

/**
 * What lies on one canvas, laid out alike on another: as large as fits, in the middle, in its own proportions. An item
 * whose source never told its size keeps it, and only moves.
 */
export function fitShow(
  { scenes, sources }: Pick<Snapshot, 'scenes' | 'sources'>,
  from: Size,
  to: Size,
): EditInput[] {
  const scale = Math.min(to.width / from.width, to.height / from.height);
  const left = (to.width - from.width * scale) / 2;
  const top = (to.height - from.height * scale) / 2;
  const sizes = new Map(sources.map(({ id, size }) => [id, size]));
  return scenes.flatMap(({ items }) =>
    items.map((item) => {
      const [x, y] = [within(left + item.x * scale, -farthest), within(top + item.y * scale, -farthest)];
      const size = sizes.get(item.sourceId);
      if (!size && (item.width === undefined || item.height === undefined))
        return { type: 'item.update' as const, itemId: item.id, patch: { x, y } };
      const box = itemBox(item, size ?? { width: item.width ?? 1, height: item.height ?? 1 });
      // Its edges are rounded, not its size: what lay side by side still does.
      const width = within(left + (box.x + box.width) * scale - x, 1);
      const height = within(top + (box.y + box.height) * scale - y, 1);
      return { type: 'item.update' as const, itemId: item.id, patch: { x, y, width, height } };
    }),
  );
}
