import type { Box, Planes } from '../interfaces/layer';
import type { Rect } from '../interfaces/sync-pattern';
import type { DrawnPicture } from './derived-picture';
import type { Kernels } from './kernels-module';
import type { Sampling } from './sampling';

/** One picture to be sampled. */
export interface SampledPicture {
  readonly picture: DrawnPicture;
  readonly sampling: Sampling;
  /** what of it may be seen, in its own pixels */
  readonly part: Box;
  /** 1…255 */
  readonly opacity: number;
}

/**
 * Draw it into an even rectangle of the target. Chroma samples lie in the middle of four luma samples, in all pictures
 * here as in the frame.
 * @param scratch byte offset of memory to work in
 */
export function drawSampled(
  kernels: Kernels,
  target: Planes,
  rect: Rect,
  { picture, sampling, part, opacity }: SampledPicture,
  scratch: number,
): void {
  const { planes, shrinkX, shrinkY } = picture;
  const { u0, ux, uy, v0, vx, vy, scaleU, scaleV } = sampling;
  const plane = (dst: number, src: number, alpha: number, shift: 0 | 1): void => {
    const step = 1 << shift;
    // How many canvas pixels, and how many pixels of the whole picture, a sample of this plane stands for.
    const wide = step * shrinkX;
    const high = step * shrinkY;
    const center = step / 2;
    kernels.sampleRect(
      ...([dst, target.width >> shift] as const),
      ...([rect.x >> shift, rect.y >> shift, rect.width >> shift, rect.height >> shift] as const),
      ...([src, alpha, planes.width >> shift, planes.height >> shift] as const),
      ...([(u0 + (ux + uy) * center) / wide, (ux * step) / wide, (uy * step) / wide] as const),
      ...([(v0 + (vx + vy) * center) / high, (vx * step) / high, (vy * step) / high] as const),
      ...([part.x / wide, (part.x + part.width) / wide] as const),
      ...([part.y / high, (part.y + part.height) / high] as const),
      ...([0.5 / step, scaleU / shrinkX, scaleV / shrinkY] as const),
      ...([opacity, scratch] as const),
    );
  };
  plane(target.y, planes.y, planes.alpha, 0);
  plane(target.u, planes.u, planes.chromaAlpha, 1);
  plane(target.v, planes.v, planes.chromaAlpha, 1);
}
