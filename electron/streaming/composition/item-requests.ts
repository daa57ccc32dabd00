import type { SceneItem } from '../../../shared/model/scene';
import type { PictureRequest } from '../interfaces/layer';
import { requestFor } from './draw-list';

interface Standing {
  /** what the item asks its source for now */
  request: PictureRequest;
  geometry: string;
  /** when it asks for what it would need as it lies; null: it does already */
  dueMs: number | null;
}

const geometryOf = ({ x, y, width, height, rotation, isFlippedX, isFlippedY, crop }: SceneItem): string =>
  JSON.stringify([x, y, width, height, rotation, isFlippedX, isFlippedY, crop]);

/**
 * What each item asks its source for. While it is being moved it keeps asking for the picture it has, which can be drawn
 * anywhere; only when its geometry has stood still it asks for the one that fits exactly. So a drag costs no Sharp job
 * and no decoder.
 */
export class ItemRequests {
  readonly #settleMs: number;
  readonly #items = new Map<string, Standing>();

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** What it asks for now; an item that was never seen asks for what it needs. */
  requestOf(item: SceneItem): PictureRequest {
    return this.#items.get(item.id)?.request ?? requestFor(item);
  }

  /**
   * The item is to be drawn like this.
   * @param canWait whether there is a picture of it that can be drawn meanwhile
   * @param isThere whether the picture for a request is there already, so that nobody need be asked
   */
  follow(
    item: SceneItem,
    nowMs: number,
    canWait: boolean,
    isThere: (request: PictureRequest) => boolean,
  ): PictureRequest {
    const wanted = requestFor(item);
    const geometry = geometryOf(item);
    const standing = this.#items.get(item.id);
    const isSame = standing !== undefined && JSON.stringify(standing.request) === JSON.stringify(wanted);
    const dueMs =
      standing?.dueMs != null && standing.geometry === geometry ? standing.dueMs : nowMs + this.#settleMs;
    if (standing && !isSame && canWait && nowMs < dueMs && !isThere(wanted)) {
      standing.geometry = geometry;
      standing.dueMs = dueMs;
      return standing.request;
    }
    this.#items.set(item.id, { request: wanted, geometry, dueMs: null });
    return wanted;
  }

  /** When the next item has stood still for long enough; null: none moves. */
  get nextDueMs(): number | null {
    const due = [...this.#items.values()].flatMap(({ dueMs }) => dueMs ?? []);
    return due.length > 0 ? Math.min(...due) : null;
  }

  /** Forget all items but these. */
  keep(itemIds: ReadonlySet<string>): void {
    for (const id of this.#items.keys()) if (!itemIds.has(id)) this.#items.delete(id);
  }
}
