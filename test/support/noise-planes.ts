import { layPlanes, planesBytes, SharedFrameArena } from '../../electron/streaming/composition/frame-arena';
import type { Planes } from '../../electron/streaming/interfaces/layer';
import { seededRandom } from './seeded-random';

/** One plane in plain numbers. */
export interface Plane {
  readonly at: number;
  readonly alpha: number;
  readonly width: number;
  readonly height: number;
  /** canvas pixels a sample */
  readonly step: 1 | 2;
}

export const planesOf = (planes: Planes): Plane[] => {
  const { width, height, y, u, v, alpha, chromaAlpha } = planes;
  const half = { alpha: chromaAlpha, width: width / 2, height: height / 2, step: 2 as const };
  return [
    { at: y, alpha, width, height, step: 1 },
    { at: u, ...half },
    { at: v, ...half },
  ];
};

export const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value));

/** An arena and pictures of noise in it, the same every time. */
export function noiseArena(seed = 11) {
  const arena = new SharedFrameArena(16 * 1024 * 1024);
  const bytes = new Uint8Array(arena.memory.buffer);
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const noise = (width: number, height: number, hasAlpha: boolean): Planes => {
    const length = planesBytes(width, height, hasAlpha);
    const { offset } = arena.allocate(length);
    for (let index = 0; index < length; index++) bytes[offset + index] = below(256);
    return layPlanes(offset, width, height, hasAlpha);
  };
  return { arena, bytes, noise };
}
