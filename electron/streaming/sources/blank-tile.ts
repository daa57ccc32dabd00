import type { FrameArena, LayerContent } from '../interfaces/layer';

/** luma, two chroma, alpha, chroma alpha of 2×2 pixels, each at its own eight bytes */
const blankBytes = 64;

/** A transparent 2×2 picture: what a source that only sounds puts into its place in a scene. */
export function blankTile(arena: FrameArena): { content: LayerContent; free(): void } {
  const block = arena.allocate(blankBytes);
  new Uint8Array(arena.memory.buffer, block.offset, blankBytes).fill(0);
  const plane = (index: number): number => block.offset + index * 8;
  return {
    content: {
      type: 'tile',
      planes: {
        width: 2,
        height: 2,
        y: plane(0),
        u: plane(1),
        v: plane(2),
        alpha: plane(3),
        chromaAlpha: plane(4),
      },
      revision: 0,
    },
    free: () => arena.free(block),
  };
}
