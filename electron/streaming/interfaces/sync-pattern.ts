/**
 * The sync test pattern, defined once for who draws it (compositor), who sounds it (sync source) and who reads it
 * back (tests). A flash and a 1 kHz beep begin together at each whole second of program time and last 50 ms.
 */
export const syncBeepHz = 1000;
export const syncBeepAmplitude = 0.5;
export const syncPulseSec = 0.05;

/** whether the flash field is white in this program frame */
export function isSyncFlash(frameIndex: number, fps: number): boolean {
  const second = Math.floor(frameIndex / fps + 1e-9);
  return frameIndex / fps - second < syncPulseSec - 1e-9;
}

/** Bits of the burnt-in counter: 24 bits of the frame index, most significant first, then 8 bits of checksum. */
export const syncCounterBits = 32;
/** cells per row; the counter is two rows of sixteen */
export const syncCounterColumns = 16;

/** Checksum over the 24 counter bits, so that a reader knows a misread from a number. */
export const syncChecksum = (counter: number): number =>
  ((counter ^ (counter >>> 8) ^ (counter >>> 16)) * 0x35 + 0x5a) & 0xff;

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Where things are in a picture of this size, all even pixels: the counter's 2×16 cells fill the lower third (each cell
 * black = 0, white = 1), the flash field fills the upper half, mid grey is between them.
 */
export function syncLayout(width: number, height: number): { flash: Rect; cell(bit: number): Rect } {
  const even = (value: number): number => Math.floor(value / 2) * 2;
  const cellWidth = even(width / syncCounterColumns);
  const cellHeight = even(height / 6);
  const top = height - 2 * cellHeight;
  return {
    flash: { x: 0, y: 0, width: even(width), height: even(height / 2) },
    cell: (bit) => ({
      x: (bit % syncCounterColumns) * cellWidth,
      y: even(top) + Math.floor(bit / syncCounterColumns) * cellHeight,
      width: cellWidth,
      height: cellHeight,
    }),
  };
}

/** The 32 bits shown for a frame, first bit = first cell. */
export function syncBits(frameIndex: number): boolean[] {
  const counter = frameIndex & 0xffffff;
  const word = ((counter << 8) | syncChecksum(counter)) >>> 0;
  return Array.from({ length: syncCounterBits }, (_, bit) => ((word >>> (31 - bit)) & 1) === 1);
}

/** Reads the counter back from mean luma values of the 32 cells (0…255); null when the checksum does not fit. */
export function readSyncCounter(cellLuma: readonly number[]): number | null {
  if (cellLuma.length !== syncCounterBits) return null;
  const word = cellLuma.reduce((bits, luma) => ((bits << 1) | (luma > 126 ? 1 : 0)) >>> 0, 0);
  const counter = word >>> 8;
  return syncChecksum(counter) === (word & 0xff) ? counter : null;
}
