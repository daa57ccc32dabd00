import {
  captureHeaderBytes,
  fitCaptureSize,
  writePictureHeader,
} from '../../shared/contract/capture-message';
import { nv12ToI420, recolorI420, rgbaToI420 } from './i420';
import type { YuvColors } from './i420';

const even = (value: number): number => Math.floor(value / 2) * 2;

/** What browsers leave unsaid is BT.601: so they show it themselves. */
function colorsOf({ colorSpace }: VideoFrame): YuvColors {
  const matrix =
    colorSpace.matrix === 'bt709'
      ? 'bt709'
      : (colorSpace.matrix as string | null) === 'bt2020-ncl'
        ? 'bt2020'
        : 'bt601';
  return { matrix, isFullRange: colorSpace.fullRange === true };
}

/**
 * Turns a browser's frame into a capture message: I420, BT.709 limited, even sizes, no larger than `most`. What lies in
 * memory as I420 or NV12 at a fitting size is copied as it is; everything else is drawn by the browser first.
 */
export class PictureTaker {
  most: { width: number; height: number };
  #message = new Uint8Array(0);
  #scratch = new Uint8Array(0);
  #canvas: OffscreenCanvasRenderingContext2D | null = null;

  constructor(most: { width: number; height: number }) {
    this.most = most;
  }

  /**
   * @param timestampUs of its capture
   * @returns a message that holds until the next call. The frame stays open.
   */
  async take(
    frame: VideoFrame,
    timestampUs: number,
  ): Promise<{ message: Uint8Array<ArrayBuffer>; width: number; height: number }> {
    const size = fitCaptureSize(frame.displayWidth, frame.displayHeight, this.most);
    const { width, height } = size;
    const length = captureHeaderBytes + width * height * 1.5;
    if (this.#message.length !== length) this.#message = new Uint8Array(length);
    writePictureHeader(this.#message, { width, height, timestampUs });
    const picture = this.#message.subarray(captureHeaderBytes);
    if (this.#isInMemory(frame, width, height)) {
      await this.#copy(frame, width, height, picture);
      recolorI420(picture, width, height, colorsOf(frame));
    } else this.#draw(frame, width, height, picture);
    return { message: this.#message, ...size };
  }

  #isInMemory(frame: VideoFrame, width: number, height: number): boolean {
    const { visibleRect, format } = frame;
    return (
      (format === 'I420' || format === 'NV12') &&
      visibleRect !== null &&
      visibleRect.x % 2 === 0 &&
      visibleRect.y % 2 === 0 &&
      even(visibleRect.width) === width &&
      even(visibleRect.height) === height
    );
  }

  async #copy(
    frame: VideoFrame,
    width: number,
    height: number,
    picture: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    const rect = { x: frame.visibleRect?.x ?? 0, y: frame.visibleRect?.y ?? 0, width, height };
    const luma = width * height;
    if (frame.format === 'I420') {
      const layout = [
        { offset: 0, stride: width },
        { offset: luma, stride: width / 2 },
        { offset: luma * 1.25, stride: width / 2 },
      ];
      await frame.copyTo(picture, { rect, layout });
      return;
    }
    if (this.#scratch.length !== picture.length) this.#scratch = new Uint8Array(picture.length);
    const layout = [
      { offset: 0, stride: width },
      { offset: luma, stride: width },
    ];
    await frame.copyTo(this.#scratch, { rect, layout });
    nv12ToI420(this.#scratch, width, height, picture);
  }

  #draw(frame: VideoFrame, width: number, height: number, picture: Uint8Array): void {
    this.#canvas ??= new OffscreenCanvas(width, height).getContext('2d', {
      alpha: false,
      willReadFrequently: true,
    });
    if (!this.#canvas) throw new Error('this browser gives no canvas to draw on');
    const { canvas } = this.#canvas;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    this.#canvas.imageSmoothingQuality = 'medium';
    this.#canvas.drawImage(frame, 0, 0, width, height);
    rgbaToI420(this.#canvas.getImageData(0, 0, width, height).data, width, height, picture);
  }
}
