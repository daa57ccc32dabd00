import { z } from 'zod';
import { wireErrorSchema } from './errors';

/**
 * The capture socket (`/capture`): one connection carries what a page captures for one source. Text messages are JSON,
 * binary ones pictures and sound. It is apart from the window's own socket, so that neither ever waits for the other.
 */

/** Page → engine. The first is `hello`; nothing else is read before it. */
export const capturePageMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    version: z.number(),
    token: z.string().max(200),
    sourceId: z.string().min(1).max(200),
  }),
  /** before any picture or sound, and again when either changes */
  z.object({
    type: z.literal('begin'),
    deviceName: z.string().max(500),
    /** of its sound; null: none will come */
    sampleRate: z.number().int().min(8000).max(384_000).nullable(),
  }),
  z.object({ type: z.literal('end'), reason: z.string().max(200) }),
]);
export type CapturePageMessage = z.input<typeof capturePageMessageSchema>;

/** Engine → page. */
export const captureEngineMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome') }),
  z.object({ type: z.literal('refused'), error: wireErrorSchema }),
  /** pictures received on this connection so far; the page keeps no more than `pictureWindow` beyond it under way */
  z.object({ type: z.literal('received'), pictures: z.number().int().min(0) }),
]);
export type CaptureEngineMessage = z.input<typeof captureEngineMessageSchema>;

/** pictures under way unacknowledged: the newest takes the place of one that still waits */
export const pictureWindow = 2;

/** Why the engine closed a capture socket. Any other code: the connection was lost, and is made again. */
export const captureClose = {
  invalid: 4400,
  unauthorised: 4401,
  sourceMissing: 4404,
  /** another page captures this source now */
  takenOver: 4409,
} as const;

/**
 * A picture: 16 bytes little-endian, then I420 (BT.709 limited): Y w×h, U and V (w/2)×(h/2) each.
 * 0 u32 magic 'SMCV' · 4 u16 width · 6 u16 height · 8 f64 time of capture, µs on the page's clock
 * Sound: 16 bytes, then interleaved stereo, f32 little-endian, at the rate that `begin` told.
 * 0 u32 magic 'SMCA' · 4 u32 reserved · 8 f64 time of capture of the first sample, µs on the same clock
 */
export const captureHeaderBytes = 16;
const pictureMagic = 0x56434d53;
const soundMagic = 0x41434d53;

const mostSidePx = 8192;
/** 4K: more is no use to a stream, and every message is held in memory whole */
const mostPixels = 3840 * 2160;
export const capturePayloadLimitBytes = captureHeaderBytes + mostPixels * 1.5;
/** one second: whoever sends more at once is no microphone */
const mostSoundBytes = 384_000 * 8;

/** The largest even size of these proportions that a picture may have. */
export function fitCaptureSize(
  width: number,
  height: number,
  most: { readonly width: number; readonly height: number },
): { width: number; height: number } {
  const scale = Math.min(
    1,
    Math.min(most.width, mostSidePx) / width,
    Math.min(most.height, mostSidePx) / height,
    Math.sqrt(mostPixels / (width * height)),
  );
  const even = (size: number): number => Math.max(2, Math.floor((size * scale) / 2 + 1e-9) * 2);
  return { width: even(width), height: even(height) };
}

export type CaptureData =
  | { kind: 'picture'; width: number; height: number; timestampUs: number; data: Uint8Array }
  | { kind: 'sound'; timestampUs: number; samples: Float32Array };

export function writePictureHeader(
  target: Uint8Array,
  picture: { width: number; height: number; timestampUs: number },
): void {
  const view = new DataView(target.buffer, target.byteOffset, captureHeaderBytes);
  view.setUint32(0, pictureMagic, true);
  view.setUint16(4, picture.width, true);
  view.setUint16(6, picture.height, true);
  view.setFloat64(8, picture.timestampUs, true);
}

export function writeSoundHeader(target: Uint8Array, timestampUs: number): void {
  const view = new DataView(target.buffer, target.byteOffset, captureHeaderBytes);
  view.setUint32(0, soundMagic, true);
  view.setUint32(4, 0, true);
  view.setFloat64(8, timestampUs, true);
}

/**
 * A picture's data is a view of the message; sound is copied where it does not lie at a multiple of four.
 * @throws RangeError when the message is neither a whole picture nor a whole block of sound
 */
export function readCaptureData(message: Uint8Array): CaptureData {
  if (message.byteLength <= captureHeaderBytes)
    throw new RangeError(`expected more than ${captureHeaderBytes} bytes, found ${message.byteLength}`);
  const view = new DataView(message.buffer, message.byteOffset, captureHeaderBytes);
  const magic = view.getUint32(0, true);
  const timestampUs = view.getFloat64(8, true);
  if (!Number.isFinite(timestampUs)) throw new RangeError('expected a time, found none');
  const data = message.subarray(captureHeaderBytes);
  if (magic === pictureMagic) {
    const [width, height] = [view.getUint16(4, true), view.getUint16(6, true)];
    checkSize(width, height);
    if (data.byteLength !== width * height * 1.5)
      throw new RangeError(
        `a picture of ${width}×${height} has ${width * height * 1.5} bytes, found ${data.byteLength}`,
      );
    return { kind: 'picture', width, height, timestampUs, data };
  }
  if (magic !== soundMagic) throw new RangeError('expected a picture or sound, found something else');
  if (data.byteLength % 8 !== 0 || data.byteLength > mostSoundBytes)
    throw new RangeError(`expected whole stereo samples, found ${data.byteLength} bytes`);
  // Not `slice`: Node's buffers give a view for it.
  const aligned = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
  const samples = new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
  // A NaN would go through the mixer into everything that is heard after it.
  if (!samples.every((sample) => Number.isFinite(sample)))
    throw new RangeError('expected sound, found numbers that are none');
  return { kind: 'sound', timestampUs, samples };
}

function checkSize(width: number, height: number): void {
  const isEven = width % 2 === 0 && height % 2 === 0;
  const isInside = width >= 2 && height >= 2 && width <= mostSidePx && height <= mostSidePx;
  if (!isEven || !isInside || width * height > mostPixels)
    throw new RangeError(
      `expected even sizes of 2 to ${mostSidePx} and at most ${mostPixels} pixels, found ${width}×${height}`,
    );
}
