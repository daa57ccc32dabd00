/**
 * A preview picture on the WebSocket: a 32-byte little-endian header, then I420 (BT.709 limited): Y w×h, U and V
 * (w/2)×(h/2) each. Width and height are even.
 * 0 u32 magic 'SMSP' · 4 u16 width · 6 u16 height · 8 u32 frame index · 12 u32 reserved · 16 f64 unix time of the tick in ms · 24 f64 reserved
 */
export const previewHeaderBytes = 32;
const magic = 0x50534d53;

export interface PreviewFrame {
  width: number;
  height: number;
  /** the program's frame counter, modulo 2³² */
  frameIndex: number;
  /** unix ms at which the frame's tick fell due */
  tickUnixMs: number;
  y: Uint8Array;
  u: Uint8Array;
  v: Uint8Array;
}

export function writePreviewHeader(target: Uint8Array, frame: Omit<PreviewFrame, 'y' | 'u' | 'v'>): void {
  const view = new DataView(target.buffer, target.byteOffset, previewHeaderBytes);
  view.setUint32(0, magic, true);
  view.setUint16(4, frame.width, true);
  view.setUint16(6, frame.height, true);
  view.setUint32(8, frame.frameIndex >>> 0, true);
  view.setUint32(12, 0, true);
  view.setFloat64(16, frame.tickUnixMs, true);
  view.setFloat64(24, 0, true);
}

/** @throws RangeError when the message is not a whole preview frame */
export function readPreviewFrame(message: ArrayBuffer): PreviewFrame {
  if (message.byteLength < previewHeaderBytes)
    throw new RangeError(
      `preview frame: expected at least ${previewHeaderBytes} bytes, found ${message.byteLength}`,
    );
  const view = new DataView(message);
  if (view.getUint32(0, true) !== magic) throw new RangeError('preview frame: wrong magic');
  const width = view.getUint16(4, true);
  const height = view.getUint16(6, true);
  const luma = width * height;
  const chroma = luma / 4;
  if (message.byteLength !== previewHeaderBytes + luma + 2 * chroma)
    throw new RangeError(`preview frame: ${width}x${height} does not fit ${message.byteLength} bytes`);
  return {
    width,
    height,
    frameIndex: view.getUint32(8, true),
    tickUnixMs: view.getFloat64(16, true),
    y: new Uint8Array(message, previewHeaderBytes, luma),
    u: new Uint8Array(message, previewHeaderBytes + luma, chroma),
    v: new Uint8Array(message, previewHeaderBytes + luma + chroma, chroma),
  };
}
