import { availableParallelism } from 'node:os';
import type { ArenaBlock, FrameArena, Planes, Tile, TileJob, TileRenderer } from '../interfaces/layer';
import { BaseComponent } from '../lib/component';
import type { Logger } from '../lib/logger';
import { layPlanes, planesBytes } from './frame-arena';
import { SharpPool } from './sharp-pool';
import type { TileSize } from './sharp-protocol';
import { toTileError } from './tile-errors';

/** Sharp's worker pool as sources see it: jobs in, I420A tiles in the arena out. */
export class TilePool extends BaseComponent implements TileRenderer {
  readonly #arena: FrameArena;
  readonly #pool: SharpPool;

  /** @param options.workers 1 or 2; by default 2 when there are more than two cores */
  constructor(options: { arena: FrameArena; logger: Logger; workers?: number }) {
    super();
    this.#arena = options.arena;
    this.#pool = new SharpPool({
      workers: options.workers ?? (availableParallelism() > 2 ? 2 : 1),
      arena: options.arena,
      logger: options.logger,
    });
  }

  protected onStart(signal: AbortSignal): Promise<void> {
    return this.#pool.start(signal);
  }

  protected onStop(): Promise<void> {
    return this.#pool.stop();
  }

  /**
   * Draw a tile. The block belongs to the caller, who gives it back to the arena.
   * @throws StudioError source-file-missing, source-file-unreadable, text-unrenderable; the signal's reason when aborted
   */
  async render(
    job: TileJob,
    signal?: AbortSignal,
  ): Promise<Tile & { naturalWidth: number; naturalHeight: number }> {
    signal?.throwIfAborted();
    let placed: { block: ArenaBlock; planes: Planes; size: TileSize } | null = null;
    const freePlaced = (): void => {
      if (placed) this.#arena.free(placed.block);
      placed = null;
    };
    const place = (size: TileSize): Planes | null => {
      // A job that is run again after its worker died gets a new place.
      freePlaced();
      if (signal?.aborted) return null;
      let block: ArenaBlock;
      try {
        block = this.#arena.allocate(planesBytes(size.width, size.height, size.hasAlpha));
      } catch (error) {
        throw toTileError(job, new Error('the memory for pictures is full', { cause: error }));
      }
      const planes = layPlanes(block.offset, size.width, size.height, size.hasAlpha);
      placed = { block, planes, size };
      return planes;
    };
    try {
      await this.#pool.run({ type: 'tile', job }, { place, ...(signal && { signal }) });
      signal?.throwIfAborted();
    } catch (error) {
      freePlaced();
      throw error;
    }
    // TypeScript does not see that the callback has assigned it.
    const done = placed as { block: ArenaBlock; planes: Planes; size: TileSize } | null;
    if (!done) throw new Error('the tile was drawn but never placed');
    const { naturalWidth, naturalHeight } = done.size;
    return { block: done.block, planes: done.planes, naturalWidth, naturalHeight };
  }
}
