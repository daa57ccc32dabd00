import type { PreviewFrame } from '../../shared/contract/preview-frame';

/** Paints I420 pictures (BT.709, limited range) onto one canvas. */
export interface FramePainter {
  readonly kind: 'webgl' | '2d';
  paint(frame: PreviewFrame): void;
  dispose(): void;
}
