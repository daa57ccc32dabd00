/** A region of the shared memory. */
export interface ArenaBlock {
  /** byte offset, 64-byte aligned */
  readonly offset: number;
  readonly byteLength: number;
}

/** Allocates pictures in the one shared WebAssembly.Memory. */
export interface FrameArena {
  readonly memory: WebAssembly.Memory;
  /** @throws RangeError when the memory is full */
  allocate(byteLength: number): ArenaBlock;
  free(block: ArenaBlock): void;
}

/**
 * A picture in the shared memory: I420, BT.709 limited, width and height even, strides = width and width/2, planes
 * Y, U, V at these byte offsets. With alpha: `alpha` (full size) and `chromaAlpha` (half size, mean of four), 0…255,
 * not premultiplied (chroma is the alpha-weighted mean, so transparent pixels leave no fringe). 0 = no such plane: opaque.
 */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly y: number;
  readonly u: number;
  readonly v: number;
  readonly alpha: number;
  readonly chromaAlpha: number;
}

/** A still picture made by Sharp; its block belongs to whoever asked for it. */
export interface Tile {
  readonly block: ArenaBlock;
  readonly planes: Planes;
}

/**
 * Moving pictures: a ring of `slots`, written by the source, read by the compositor. `control` is the byte offset of
 * an Int32 block in the shared memory (use Atomics):
 *   [0] frames written so far (picture k lies in slots[k % slots.length])
 *   [1] frames the reader no longer needs: pictures below this count may be overwritten (set by the compositor)
 *   [2] 1 = ended (no more pictures will come; the last one stays)
 * Picture k falls due at program frame `startFrame + k * programFps / fps`. The compositor shows the newest one due.
 */
export interface LiveRing {
  /**
   * `timed` (files): as above. `newest` (captures): the compositor shows whatever was written last, `fps` and
   * `startFrame` mean nothing, nobody waits for the writer, and with none written the item is left out.
   */
  readonly mode?: 'timed' | 'newest';
  readonly slots: readonly Planes[];
  readonly control: number;
  readonly fps: number;
  readonly startFrame: number;
  /** `timed`: no picture beyond this one is shown (it is paused there); absent: it goes on */
  readonly heldPicture?: number;
}

/** What a source gives the compositor for one scene item: at its final size if it can, else at any (see `Picture`). */
export type LayerContent =
  | {
      readonly type: 'tile';
      readonly planes: Planes;
      /** another number = other pixels */ readonly revision: number;
    }
  | { readonly type: 'live'; readonly ring: LiveRing }
  /** drawn anew each frame by the compositor: flash and frame counter */
  | { readonly type: 'sync'; readonly width: number; readonly height: number };

/** A rectangle that need not lie on whole pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a picture of any size fills a box that lies anywhere: what the sampler draws. */
export interface Placement {
  /** canvas pixels, before it is turned */
  readonly box: Box;
  /** degrees clockwise about the centre of the box */
  readonly rotation: number;
  /** mirrored within the box, before it is turned */
  readonly isFlippedX: boolean;
  readonly isFlippedY: boolean;
  /** what of the content fills the box, in the content's own pixels */
  readonly part: Box;
}

/** What has this colour is not there. Chroma as in the planes (0…255, 128 is grey), distances in the same steps. */
export interface KeyColor {
  readonly u: number;
  readonly v: number;
  /** up to this distance fully transparent */
  readonly from: number;
  /** from this distance on as it was; > `from` */
  readonly to: number;
}

/** One picture on the canvas: pixel by pixel at x, y, or as `placement` says. */
export interface Layer {
  readonly itemId: string;
  /** even (tiles are padded by their maker to make that so); may lie outside. Mean nothing when there is a placement. */
  readonly x: number;
  readonly y: number;
  /** 0…255 */
  readonly opacity: number;
  readonly content: LayerContent;
  readonly placement?: Placement;
  readonly key?: KeyColor;
}

/** Where and how big a source is to be shown: what it must deliver, scaled and cropped. */
export interface PictureRequest {
  /** pixels cut off the source's own picture before scaling */
  readonly crop: { left: number; top: number; right: number; bottom: number };
  /** final size in canvas pixels before padding; undefined: own size after the crop */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** transparent columns/rows to put before the picture so that it lands on even coordinates */
  readonly padX: 0 | 1;
  readonly padY: 0 | 1;
}

/**
 * A picture delivered for a request; release when it is on no draw list any more. It need not have the size asked for:
 * what differs (a capture at its own size, a tile of an item that is being dragged) is drawn by the compositor's sampler.
 */
export interface Picture {
  readonly content: LayerContent;
  /** the source's own size before crop and scaling, pixels; absent: that of `part`, and there is nothing to crop */
  readonly size?: { readonly width: number; readonly height: number };
  /** what of its own picture `content` shows, own pixels: all of it (absent), or the crop that was asked for */
  readonly part?: Box;
  /** where in `content` that lies, its own pixels; absent: all over. The rest is padding. */
  readonly area?: Box;
  release(): void;
}

/** What composition needs of a source: declared here by the consumer, implemented in sources/. */
export interface PictureSource {
  readonly id: string;
  /**
   * Deliver the picture for this request. Called again for every change of the item, and after each `onChanged`.
   * Rejects with a StudioError when there is nothing to show (the item is then left out).
   */
  picture(request: PictureRequest, signal: AbortSignal): Promise<Picture>;
  /** called when `picture` would now deliver other content (new text, next second of a clock, first frame decoded) */
  onChanged(listener: () => void): () => void;
}

/** What became of a job. */
export interface RenderedTile extends Tile {
  /** size before padding to even */
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  /** size of the whole picture before crop and scaling */
  readonly ownWidth: number;
  readonly ownHeight: number;
  /** texts: the font asked for is not on this computer and another was taken */
  readonly isFontMissing: boolean;
}

/**
 * Sharp's worker pool as sources see it: every job's result is an I420A tile in the arena. Where the size asked for is
 * beyond what a tile may have (or there is memory for), the tile is smaller than that, in proportion.
 */
export interface TileRenderer {
  render(job: TileJob, signal?: AbortSignal): Promise<RenderedTile>;
}

export type TileJob =
  | { type: 'image'; path: string; request: PictureRequest }
  | {
      type: 'color';
      rgba: readonly [number, number, number, number];
      width: number;
      height: number;
      request: PictureRequest;
    }
  | {
      type: 'text';
      text: string;
      font: string;
      fontFile: string | undefined;
      sizePx: number;
      weight: 'regular' | 'bold';
      rgba: readonly [number, number, number, number];
      align: 'left' | 'center' | 'right';
      /** digits of one width (OpenType `tnum`), so that a running clock does not tremble */
      hasTabularDigits?: boolean;
      /** outside the glyphs, with round corners */
      outline: { rgba: readonly [number, number, number, number]; widthPx: number } | null;
      shadow: {
        rgba: readonly [number, number, number, number];
        blurPx: number;
        offsetXPx: number;
        offsetYPx: number;
      } | null;
      /** longer lines are broken, and the picture is as wide as this; null: only where the text says so */
      wrapWidthPx: number | null;
      request: PictureRequest;
    };
