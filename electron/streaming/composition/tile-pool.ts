import { availableParallelism } from 'node:os';
import type {
  ArenaBlock,
  FrameArena,
  Planes,
  RenderedTile,
  TileJob,
  TileRenderer,
} from '../interfaces/layer';
import { BaseComponent } from '../lib/component';
import type { Logger } from '../lib/logger';
import { layPlanes, planesBytes } from './frame-arena';
import { SharpPool } from './sharp-pool';
import type { TileSize } from './sharp-protocol';
import { isOutOfTime, toTileError } from './tile-errors';

/** Longer than Sharp's own bound: it comes to its end by itself where it can. */
const patienceMs = 15_000;
/** each with half the sides of the one before */
const maxAttempts = 4;

/** The memory for pictures is full. */
class NoRoom extends Error {
  readonly size: TileSize;

  constructor(size: TileSize, cause: unknown) {
    super('the memory for pictures is full', { cause });
    this.size = size;
  }
}

/** Sharp's worker pool as sources see it: jobs in, I420A tiles in the arena out. */
export class TilePool extends BaseComponent implements TileRenderer {
  readonly #arena: FrameArena;
  readonly #pool: SharpPool;

  /**
   * @param options.workers 1 or 2; by default 2 when there are more than two cores
   * @param options.patienceMs for how long one tile may be drawn before others are drawn without it; by default 15 s
   */
  constructor(options: { arena: FrameArena; logger: Logger; workers?: number; patienceMs?: number }) {
    super();
    this.#arena = options.arena;
    this.#pool = new SharpPool({
      workers: options.workers ?? (availableParallelism() > 2 ? 2 : 1),
      arena: options.arena,
      logger: options.logger,
      patienceMs: options.patienceMs ?? patienceMs,
    });
  }

  protected onStart(signal: AbortSignal): Promise<void> {
    return this.#pool.start(signal);
  }

  protected onStop(): Promise<void> {
    return this.#pool.stop();
  }

  /**
   * Draw a tile. The block belongs to the caller, who gives it back to the arena. When the memory has no room for it,
   * a smaller one is drawn: better a blurred picture than none.
   * @throws StudioError source-file-missing, source-file-unreadable, picture-too-large, picture-too-slow,
   * text-unrenderable; the signal's reason when aborted
   */
  async render(job: TileJob, signal?: AbortSignal): Promise<RenderedTile> {
    let { request } = job;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#draw({ ...job, request }, signal);
      } catch (error) {
        if (isOutOfTime(error)) throw toTileError(job, error);
        if (!(error instanceof NoRoom)) throw error;
        if (attempt === maxAttempts) throw toTileError(job, error);
        const side = (value: number): number => Math.max(1, Math.floor(value / 2));
        request = {
          ...request,
          width: side(error.size.naturalWidth),
          height: side(error.size.naturalHeight),
        };
      }
    }
  }

  async #draw(job: TileJob, signal: AbortSignal | undefined): Promise<RenderedTile> {
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
        throw new NoRoom(size, error);
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
    const { naturalWidth, naturalHeight, ownWidth, ownHeight, isFontMissing } = done.size;
    const { block, planes } = done;
    return { block, planes, naturalWidth, naturalHeight, ownWidth, ownHeight, isFontMissing };
  }
}
