import type { PreviewFrame } from '../../shared/contract/preview-frame';
import type { FramePainter } from './frame-painter';
import { i420ToRgba } from './i420-to-rgba';

/** For browsers without WebGL: slower (about 4 ms for 1280×720), the same colours. */
export function createCanvas2dPainter(canvas: HTMLCanvasElement): FramePainter | null {
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) return null;
  let image: ImageData | null = null;
  return {
    kind: '2d',
    paint(frame: PreviewFrame) {
      const { width, height } = frame;
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
      if (image?.width !== width || image.height !== height) image = context.createImageData(width, height);
      i420ToRgba(frame, image.data);
      context.putImageData(image, 0, 0);
    },
    dispose() {
      image = null;
    },
  };
}
