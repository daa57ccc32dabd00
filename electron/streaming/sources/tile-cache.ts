import { croppedPart } from '../../../shared/model/placement';
import type { FrameArena, Picture, RenderedTile, TileJob, TileRenderer } from '../interfaces/layer';
import { nextTileRevision } from './tile-revision';

interface Entry {
  readonly tile: Promise<RenderedTile>;
  readonly revision: number;
  users: number;
}

export interface CachedPicture extends Picture {
  /** texts: another font was taken than the one asked for */
  readonly isFontMissing: boolean;
}

function describe(
  { request }: TileJob,
  tile: RenderedTile,
  revision: number,
): Omit<CachedPicture, 'release'> {
  const size = { width: tile.ownWidth, height: tile.ownHeight };
  return {
    content: { type: 'tile', planes: tile.planes, revision },
    size,
    part: croppedPart(request, size),
    area: { x: request.padX, y: request.padY, width: tile.naturalWidth, height: tile.naturalHeight },
    isFontMissing: tile.isFontMissing,
  };
}

/**
 * Tiles of one source, each rendered once for all items that ask for the same, and freed with its last user. A tile
 * stays in the arena exactly as long as somebody holds a picture of it.
 */
export class TileCache {
  readonly #tiles: TileRenderer;
  readonly #arena: FrameArena;
  readonly #entries = new Map<string, Entry>();

  constructor(tiles: TileRenderer, arena: FrameArena) {
    this.#tiles = tiles;
    this.#arena = arena;
  }

  /**
   * @param version distinguishes equal jobs with other results (a file that was replaced)
   * Rejects with what the renderer rejects with, or the signal's reason.
   */
  async acquire(job: TileJob, version: string, signal: AbortSignal): Promise<CachedPicture> {
    signal.throwIfAborted();
    const key = `${version}\n${JSON.stringify(job)}`;
    let entry = this.#entries.get(key);
    if (!entry) {
      // The caller's signal is not handed on: another item may be waiting for the same tile.
      entry = { tile: this.#tiles.render(job), revision: nextTileRevision(), users: 0 };
      this.#entries.set(key, entry);
    }
    const held = entry;
    held.users += 1;
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#leave(key, held);
    };
    try {
      const tile = await held.tile;
      signal.throwIfAborted();
      return { ...describe(job, tile, held.revision), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #leave(key: string, entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    void entry.tile.then(
      (tile) => this.#arena.free(tile.block),
      () => undefined, // nothing was allocated
    );
  }
}
