import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  captureHeaderBytes,
  fitCaptureSize,
  readCaptureData,
  writePictureHeader,
  writeSoundHeader,
} from '../../shared/contract/capture-message';

const pictureMessage = (width: number, height: number, bytes = width * height * 1.5): Uint8Array => {
  const message = new Uint8Array(captureHeaderBytes + bytes);
  writePictureHeader(message, { width, height, timestampUs: 12.5 });
  return message;
};
const soundMessage = (samples: readonly number[]): Uint8Array => {
  const message = new Uint8Array(captureHeaderBytes + samples.length * 4);
  writeSoundHeader(message, 7);
  new Float32Array(message.buffer, captureHeaderBytes).set(samples);
  return message;
};

describe('a capture message', () => {
  it('brings a picture as it was written', () => {
    const message = pictureMessage(6, 4);
    message.fill(9, captureHeaderBytes);
    expect(readCaptureData(message)).toEqual({
      kind: 'picture',
      width: 6,
      height: 4,
      timestampUs: 12.5,
      data: new Uint8Array(36).fill(9),
    });
  });

  it('brings sound as it was written, wherever in memory it lies', () => {
    const message = soundMessage([0, -1, 0.5, 1]);
    for (const offset of [0, 1, 2, 3]) {
      const room = new Uint8Array(message.length + offset);
      room.set(message, offset);
      for (const bytes of [room, Buffer.from(room.buffer)])
        expect(readCaptureData(bytes.subarray(offset))).toEqual({
          kind: 'sound',
          timestampUs: 7,
          samples: new Float32Array([0, -1, 0.5, 1]),
        });
    }
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a header alone', pictureMessage(2, 2, 0)],
    ['an odd width', pictureMessage(5, 4)],
    ['an odd height', pictureMessage(4, 5)],
    ['no width', pictureMessage(0, 4, 24)],
    ['a side too long', pictureMessage(8194, 2)],
    ['too many pixels', pictureMessage(4098, 2160, 10)],
    ['a byte too few', pictureMessage(6, 4, 35)],
    ['a byte too many', pictureMessage(6, 4, 37)],
    ['another magic', new Uint8Array(64)],
    ['half a stereo sample', soundMessage([0, 0, 0])],
    ['a number that is none', soundMessage([0, Number.NaN])],
    ['an endless sample', soundMessage([Number.POSITIVE_INFINITY, 0])],
    ['more than a second of sound', soundMessage(Array<number>(384_000 * 2 + 2).fill(0))],
  ])('refuses %s', (_what, message) => {
    expect(() => readCaptureData(message)).toThrow(RangeError);
  });

  it('refuses a picture without a time', () => {
    const message = pictureMessage(2, 2);
    new DataView(message.buffer).setFloat64(8, Number.NaN, true);
    expect(() => readCaptureData(message)).toThrow(RangeError);
  });

  it('either reads any bytes or refuses them with a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isPicture) => {
        if (bytes.length >= 4) bytes.set(isPicture ? [0x53, 0x4d, 0x43, 0x56] : [0x53, 0x4d, 0x43, 0x41], 0);
        try {
          const data = readCaptureData(bytes);
          const found = data.kind === 'picture' ? data.data.byteLength : data.samples.byteLength;
          expect(found).toBe(bytes.length - captureHeaderBytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('the size of a capture', () => {
  it('is kept when it is small enough, made even, and shrunk in its proportions otherwise', () => {
    const most = { width: 1920, height: 1080 };
    expect(fitCaptureSize(1280, 720, most)).toEqual({ width: 1280, height: 720 });
    expect(fitCaptureSize(1281, 721, most)).toEqual({ width: 1280, height: 720 });
    expect(fitCaptureSize(3840, 2160, most)).toEqual({ width: 1920, height: 1080 });
    expect(fitCaptureSize(1080, 2400, most)).toEqual({ width: 486, height: 1080 });
    expect(fitCaptureSize(1, 1, most)).toEqual({ width: 2, height: 2 });
  });

  it('always is one that can be sent', () => {
    const side = fc.integer({ min: 1, max: 30_000 });
    fc.assert(
      fc.property(side, side, side, side, (width, height, mostWidth, mostHeight) => {
        const size = fitCaptureSize(width, height, { width: mostWidth, height: mostHeight });
        expect(size.width * size.height).toBeLessThanOrEqual(3840 * 2160);
        expect(() => readCaptureData(pictureMessage(size.width, size.height, 1))).toThrow(
          `a picture of ${size.width}×${size.height}`,
        );
      }),
    );
  });
});
