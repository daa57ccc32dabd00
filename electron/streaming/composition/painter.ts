import type { Rect } from '../interfaces/sync-pattern';
import { layPlanes } from './frame-arena';
import type { Kernels } from './kernels-module';
import { hasPicture, pictureOf } from './layer-stack';
import type { Canvas, StackEntry } from './layer-stack';
import { contains, intersection } from './regions';
import { drawSampled } from './sampler';
import { syncFields } from './sync-picture';

const blackLuma = 16;
const neutralChroma = 128;

/** Whether nothing below this entry shows through within `rect`. */
const hidesAllBelow = (entry: StackEntry, rect: Rect): boolean =>
  entry.solid !== null && contains(entry.solid, rect) && hasPicture(entry);

/** Draws layers into a program frame, rectangle by rectangle, from the topmost layer that hides the rest upwards. */
export class Painter {
  readonly #kernels: Kernels;
  readonly #canvas: Canvas;
  readonly #scratch: number;

  /** @param scratch byte offset of memory of its own, as long as `sampleScratchBytes` says */
  constructor(kernels: Kernels, canvas: Canvas, scratch: number) {
    this.#kernels = kernels;
    this.#canvas = canvas;
    this.#scratch = scratch;
  }

  /** `rects` must be even and within the canvas. */
  paint(frameOffset: number, rects: readonly Rect[], entries: readonly StackEntry[]): void {
    for (const rect of rects) {
      let first = entries.length - 1;
      while (first >= 0 && !hidesAllBelow(entries[first] as StackEntry, rect)) first--;
      if (first < 0) this.#fill(frameOffset, rect, blackLuma, 255);
      for (const entry of entries.slice(Math.max(0, first))) {
        const visible = entry.layer.opacity > 0 && entry.rect && intersection(entry.rect, rect);
        if (visible) this.#paintEntry(frameOffset, visible, entry);
      }
    }
  }

  #paintEntry(frameOffset: number, rect: Rect, entry: StackEntry): void {
    const { x, y, opacity, content, placement } = entry.layer;
    if (content.type === 'sync') {
      if (entry.shown < 0) return;
      for (const field of syncFields(content.width, content.height, entry.shown, this.#canvas.fps)) {
        const placed = { ...field.rect, x: field.rect.x + x, y: field.rect.y + y };
        const visible = intersection(placed, rect);
        if (visible) this.#fill(frameOffset, visible, field.luma, opacity);
      }
      return;
    }
    const picture = pictureOf(entry);
    if (!picture) return;
    const source = picture.planes;
    const target = layPlanes(frameOffset, this.#canvas.width, this.#canvas.height, false);
    if (entry.sampling && placement) {
      const { sampling } = entry;
      drawSampled(
        this.#kernels,
        target,
        rect,
        { picture, sampling, part: placement.part, opacity },
        this.#scratch,
      );
      return;
    }
    const fromX = rect.x - x;
    const fromY = rect.y - y;
    const plane = (dst: number, src: number, alpha: number, shift: 0 | 1): void => {
      const dstStride = target.width >> shift;
      const srcStride = source.width >> shift;
      const to = dst + (rect.y >> shift) * dstStride + (rect.x >> shift);
      const skip = (fromY >> shift) * srcStride + (fromX >> shift);
      const width = rect.width >> shift;
      const height = rect.height >> shift;
      if (alpha !== 0)
        this.#kernels.blendRect(to, dstStride, src + skip, alpha + skip, srcStride, width, height, opacity);
      else if (opacity < 255)
        this.#kernels.mixRect(to, dstStride, src + skip, srcStride, width, height, opacity);
      else this.#kernels.copyRect(to, dstStride, src + skip, srcStride, width, height);
    };
    plane(target.y, source.y, source.alpha, 0);
    plane(target.u, source.u, source.chromaAlpha, 1);
    plane(target.v, source.v, source.chromaAlpha, 1);
  }

  #fill(frameOffset: number, rect: Rect, luma: number, opacity: number): void {
    const target = layPlanes(frameOffset, this.#canvas.width, this.#canvas.height, false);
    const plane = (dst: number, value: number, shift: 0 | 1): void => {
      const stride = target.width >> shift;
      const to = dst + (rect.y >> shift) * stride + (rect.x >> shift);
      const width = rect.width >> shift;
      const height = rect.height >> shift;
      if (opacity < 255) this.#kernels.mixFillRect(to, stride, width, height, value, opacity);
      else this.#kernels.fillRect(to, stride, width, height, value);
    };
    plane(target.y, luma, 0);
    plane(target.u, neutralChroma, 1);
    plane(target.v, neutralChroma, 1);
  }
}
