import { syncBits, syncCounterBits, syncLayout } from '../../electron/streaming/interfaces/sync-pattern';
import { previewHeaderBytes, writePreviewHeader } from '../../shared/contract/preview-frame';

/** Colour bars at 75 %, BT.709 limited range (SMPTE RP 219): Y, U, V. */
const bars = [
  [180, 128, 128],
  [168, 44, 136],
  [145, 147, 44],
  [133, 63, 52],
  [63, 193, 204],
  [51, 109, 212],
  [28, 212, 120],
] as const;

/** A preview message with bars, a white line that moves with time, and the sync counter's cells in the lower third. */
export function previewMessage(
  width: number,
  height: number,
  frameIndex: number,
  tickUnixMs: number,
): Uint8Array {
  const luma = width * height;
  const message = new Uint8Array(previewHeaderBytes + (luma * 3) / 2);
  writePreviewHeader(message, { width, height, frameIndex, tickUnixMs });
  const y = message.subarray(previewHeaderBytes, previewHeaderBytes + luma);
  const u = message.subarray(previewHeaderBytes + luma, previewHeaderBytes + (luma * 5) / 4);
  const v = message.subarray(previewHeaderBytes + (luma * 5) / 4);
  u.fill(128);
  v.fill(128);

  const layout = syncLayout(width, height);
  const barsHeight = layout.cell(0).y;
  const rowY = new Uint8Array(width);
  const rowU = new Uint8Array(width / 2);
  const rowV = new Uint8Array(width / 2);
  const line = (frameIndex * 4) % width;
  for (let x = 0; x < width; x++) {
    const [barY, barU, barV] = bars[Math.floor((x * bars.length) / width)] ?? bars[0];
    const isLine = Math.abs(x - line) < 6;
    rowY[x] = isLine ? 235 : barY;
    rowU[x >> 1] = isLine ? 128 : barU;
    rowV[x >> 1] = isLine ? 128 : barV;
  }
  for (let row = 0; row < barsHeight; row++) y.set(rowY, row * width);
  for (let row = 0; row < barsHeight / 2; row++) {
    u.set(rowU, (row * width) / 2);
    v.set(rowV, (row * width) / 2);
  }
  const bits = syncBits(frameIndex);
  for (let bit = 0; bit < syncCounterBits; bit++) {
    const cell = layout.cell(bit);
    const value = bits[bit] ? 235 : 16;
    for (let row = cell.y; row < cell.y + cell.height; row++)
      y.fill(value, row * width + cell.x, row * width + cell.x + cell.width);
  }
  return message;
}
