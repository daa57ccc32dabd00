import type { ProgramFrame } from '../../electron/streaming/interfaces/frame';
import {
  isSyncFlash,
  readSyncCounter,
  syncBits,
  syncCounterBits,
  syncLayout,
} from '../../electron/streaming/interfaces/sync-pattern';
import type { Rect } from '../../electron/streaming/interfaces/sync-pattern';
import { systemClock } from '../../electron/streaming/lib/clock';

const black = 16;
const white = 235;
const grey = 126;

function fill(luma: Uint8Array, stride: number, rect: Rect, value: number): void {
  for (let y = rect.y; y < rect.y + rect.height; y++)
    luma.fill(value, y * stride + rect.x, y * stride + rect.x + rect.width);
}

/** The sync test pattern as I420, drawn into `picture`. */
export function drawSyncPicture(
  picture: Uint8Array,
  width: number,
  height: number,
  frameIndex: number,
  fps: number,
): void {
  const layout = syncLayout(width, height);
  picture.fill(grey, 0, width * height).fill(128, width * height);
  fill(picture, width, layout.flash, isSyncFlash(frameIndex, fps) ? white : black);
  syncBits(frameIndex).forEach((bit, at) => fill(picture, width, layout.cell(at), bit ? white : black));
}

/** Mean luma of the middle of a rectangle. */
function meanLuma(picture: Uint8Array, width: number, rect: Rect): number {
  let sum = 0;
  let count = 0;
  for (let y = rect.y + (rect.height >> 2); y < rect.y + rect.height - (rect.height >> 2); y++)
    for (let x = rect.x + (rect.width >> 2); x < rect.x + rect.width - (rect.width >> 2); x++) {
      sum += picture[y * width + x]!;
      count++;
    }
  return sum / count;
}

/** The burnt-in counter of a decoded picture; null when it cannot be read (torn, damaged). */
export function readPictureCounter(picture: Uint8Array, width: number, height: number): number | null {
  const layout = syncLayout(width, height);
  return readSyncCounter(
    Array.from({ length: syncCounterBits }, (_, bit) => meanLuma(picture, width, layout.cell(bit))),
  );
}

/** A program frame whose memory is wiped as soon as it is released, so that a release too early shows as a torn picture. */
export class SyncFrames {
  readonly #width: number;
  readonly #height: number;
  readonly #fps: number;
  readonly #free: Uint8Array[] = [];
  lent = 0;
  releasedTwice = 0;

  constructor(width: number, height: number, fps: number) {
    this.#width = width;
    this.#height = height;
    this.#fps = fps;
  }

  make(index: number): ProgramFrame {
    const bytes = (this.#width * this.#height * 3) / 2;
    const data = this.#free.pop() ?? new Uint8Array(new SharedArrayBuffer(bytes));
    drawSyncPicture(data, this.#width, this.#height, index, this.#fps);
    this.lent++;
    let isReleased = false;
    return {
      index,
      tickUs: systemClock.nowUs(),
      isLagged: false,
      data,
      composeMs: 0,
      release: () => {
        if (isReleased) this.releasedTwice++;
        isReleased = true;
        this.lent--;
        data.fill(index % 2 ? white : black);
        this.#free.push(data);
      },
    };
  }
}
