import { croppedPart } from '../../../shared/model/placement';
import type {
  ArenaBlock,
  FrameArena,
  Picture,
  PictureRequest,
  Planes,
  Tile,
  TileRenderer,
} from '../interfaces/layer';
import { textJob } from './text-job';
import { nextTileRevision } from './tile-revision';

/** What people read where a picture is missing. */
export interface PlaceholderText {
  /** what is missing, as people know it */
  readonly name: string;
  /** why, and what happens next: one sentence or two */
  readonly sentence: string;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Card {
  readonly made: Promise<{ block: ArenaBlock; planes: Planes }>;
  readonly revision: number;
  users: number;
}

/** #14171c, BT.709 limited */
const ground = { y: 36, u: 130, v: 126 };
/** #2a3038 */
const frame = { y: 58, u: 131, v: 125 };
const nameColor = '#e6e9ee';
const sentenceColor = '#98a1ad';
/** larger ones are drawn as large as this and scaled up by the compositor */
const maxWidth = 1920;
const maxHeight = 1080;
/** below this nothing could be read */
const leastTextPx = 7;

const even = (value: number): number => Math.max(2, 2 * Math.round(value / 2));
const fullRequest: PictureRequest = {
  crop: { left: 0, top: 0, right: 0, bottom: 0 },
  ...{ width: undefined, height: undefined, padX: 0, padY: 0 },
};

/** The size of the card for an item: as it will be seen, within bounds. */
function cardSize(request: PictureRequest, own: Size): Size {
  const part = croppedPart({ crop: request.crop }, own);
  const ratio = part.width / part.height;
  const width = request.width ?? (request.height === undefined ? part.width : request.height * ratio);
  const height = request.height ?? (request.width === undefined ? part.height : request.width / ratio);
  const shrink = Math.min(1, maxWidth / width, maxHeight / height);
  return { width: even(width * shrink), height: even(height * shrink) };
}

/**
 * Calm dark cards that stand where a source has no picture to show, with its name and what is the matter. Opaque, at the
 * size of the item, shared by all items that ask for the same.
 */
export class Placeholders {
  readonly #tiles: TileRenderer;
  readonly #arena: FrameArena;
  readonly #cards = new Map<string, Card>();

  constructor(tiles: TileRenderer, arena: FrameArena) {
    this.#tiles = tiles;
    this.#arena = arena;
  }

  /**
   * @param own the size that the source's picture had, or will have: the item keeps its place
   * Rejects with what the renderer rejects with, or the signal's reason.
   */
  async acquire(
    text: PlaceholderText,
    request: PictureRequest,
    own: Size,
    signal: AbortSignal,
  ): Promise<Picture> {
    signal.throwIfAborted();
    const size = cardSize(request, own);
    const key = JSON.stringify([text.name, text.sentence, size.width, size.height]);
    let card = this.#cards.get(key);
    if (!card) {
      card = { made: this.#draw(text, size), revision: nextTileRevision(), users: 0 };
      this.#cards.set(key, card);
    }
    const held = card;
    held.users += 1;
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#leave(key, held);
    };
    try {
      const { planes } = await held.made;
      signal.throwIfAborted();
      const part = croppedPart({ crop: request.crop }, own);
      return { content: { type: 'tile', planes, revision: held.revision }, size: own, part, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #leave(key: string, card: Card): void {
    card.users -= 1;
    if (card.users > 0) return;
    if (this.#cards.get(key) === card) this.#cards.delete(key);
    void card.made.then(
      ({ block }) => this.#arena.free(block),
      () => undefined, // nothing was kept
    );
  }

  async #draw(text: PlaceholderText, size: Size): Promise<{ block: ArenaBlock; planes: Planes }> {
    const { width, height } = size;
    const namePx = Math.min(height * 0.085, width * 0.06, 64);
    const sentencePx = namePx * 0.62;
    const lines = (
      await Promise.all([
        this.#line(text.name, 'bold', namePx, nameColor, width),
        this.#line(text.sentence, 'regular', sentencePx, sentenceColor, width),
      ])
    ).filter((line) => line !== null);
    try {
      const block = this.#arena.allocate(width * height * 1.5);
      const luma = width * height;
      const y = block.offset;
      const planes = { width, height, y, u: y + luma, v: y + luma * 1.25, alpha: 0, chromaAlpha: 0 };
      const bytes = new Uint8Array(this.#arena.memory.buffer);
      fill(bytes, planes);
      const gap = namePx * 0.5;
      const total = lines.reduce((sum, line) => sum + line.planes.height, gap * (lines.length - 1));
      let top = (height - total) / 2;
      for (const { planes: line } of lines) {
        lay(bytes, line, planes, (width - line.width) / 2, top);
        top += line.height + gap;
      }
      return { block, planes };
    } finally {
      for (const line of lines) this.#arena.free(line.block);
    }
  }

  /** One line of text, made narrower when it would not fit; null: too small to be read. */
  async #line(
    text: string,
    weight: 'regular' | 'bold',
    sizePx: number,
    color: string,
    cardWidth: number,
  ): Promise<Tile | null> {
    if (sizePx < leastTextPx) return null;
    const style = { font: 'Inter', sizePx, weight, color, align: 'center', ...plain } as const;
    const tile = await this.#tiles.render(textJob(text, style, fullRequest));
    const room = Math.floor(cardWidth * 0.88);
    if (tile.naturalWidth <= room) return tile;
    this.#arena.free(tile.block);
    const fitting = (sizePx * room) / tile.naturalWidth;
    if (fitting < leastTextPx) return null;
    return this.#tiles.render(textJob(text, { ...style, sizePx: fitting }, fullRequest));
  }
}

const plain = { outline: null, shadow: null };

/** The ground, with a fine frame that shows where the item ends. */
function fill(bytes: Uint8Array, { width, height, y, u, v }: Planes): void {
  bytes.fill(ground.y, y, y + width * height);
  bytes.fill(ground.u, u, u + (width * height) / 4);
  bytes.fill(ground.v, v, v + (width * height) / 4);
  const edge = 2;
  for (let row = 0; row < height; row += 1) {
    const isEdgeRow = row < edge || row >= height - edge;
    const from = y + row * width;
    if (isEdgeRow) bytes.fill(frame.y, from, from + width);
    else {
      bytes.fill(frame.y, from, from + edge);
      bytes.fill(frame.y, from + width - edge, from + width);
    }
  }
}

/** Blends a tile with alpha onto an opaque picture, at even places; what lies outside is left out. */
function lay(bytes: Uint8Array, tile: Planes, onto: Planes, left: number, top: number): void {
  const x = Math.max(0, 2 * Math.round(left / 2));
  const y = Math.max(0, 2 * Math.round(top / 2));
  const blend = (from: number, alpha: number, to: number, step: 1 | 2): void => {
    const rowWidth = tile.width / step;
    const columns = Math.min(rowWidth, onto.width / step - x / step);
    const rows = Math.min(tile.height / step, onto.height / step - y / step);
    for (let row = 0; row < rows; row += 1)
      for (let column = 0; column < columns; column += 1) {
        const source = row * rowWidth + column;
        const target = to + (row + y / step) * (onto.width / step) + column + x / step;
        const opacity = alpha ? (bytes[alpha + source] as number) / 255 : 1;
        const below = bytes[target] as number;
        bytes[target] = Math.round(below + ((bytes[from + source] as number) - below) * opacity);
      }
  };
  blend(tile.y, tile.alpha, onto.y, 1);
  blend(tile.u, tile.chromaAlpha, onto.u, 2);
  blend(tile.v, tile.chromaAlpha, onto.v, 2);
}
