import { isSyncFlash, syncBits, syncLayout } from '../interfaces/sync-pattern';
import type { Rect } from '../interfaces/sync-pattern';

const black = 16;
const grey = 126;
const white = 235;

/** A part of the pattern and its luma; chroma is neutral (128) everywhere. */
export interface SyncField {
  readonly rect: Rect;
  readonly luma: number;
}

/** The pattern of one program frame as fields that cover the whole picture without overlapping. */
export function syncFields(width: number, height: number, frameIndex: number, fps: number): SyncField[] {
  const { flash, cell } = syncLayout(width, height);
  const first = cell(0);
  const last = cell(31);
  const rowsEnd = last.x + last.width;
  return [
    { rect: flash, luma: isSyncFlash(frameIndex, fps) ? white : black },
    { rect: { x: 0, y: flash.height, width, height: first.y - flash.height }, luma: grey },
    { rect: { x: rowsEnd, y: first.y, width: width - rowsEnd, height: height - first.y }, luma: grey },
    ...syncBits(frameIndex).map((bit, index) => ({ rect: cell(index), luma: bit ? white : black })),
  ];
}

/** What differs between the patterns of two frames. */
export function syncChanges(width: number, height: number, from: number, to: number, fps: number): Rect[] {
  const before = syncFields(width, height, from, fps);
  return syncFields(width, height, to, fps)
    .filter((field, index) => field.luma !== before[index]?.luma)
    .map((field) => field.rect);
}
