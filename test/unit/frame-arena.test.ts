import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedFrameArena } from '../../electron/streaming/composition/frame-arena';
import type { ArenaBlock } from '../../electron/streaming/interfaces/layer';

describe('the arena', () => {
  it('never hands out overlapping blocks and gets all its room back', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.integer({ min: 1, max: 40_000 }),
            fc.nat({ max: 30 }).map((n) => -1 - n),
          ),
          {
            maxLength: 120,
          },
        ),
        (steps) => {
          const arena = new SharedFrameArena(1024 * 1024);
          const blocks: ArenaBlock[] = [];
          for (const step of steps) {
            if (step < 0) {
              const [block] = blocks.splice(-1 - step, 1);
              if (block) arena.free(block);
              continue;
            }
            let block: ArenaBlock;
            try {
              block = arena.allocate(step);
            } catch {
              continue;
            }
            expect(block.offset % 64).toBe(0);
            expect(block.offset).toBeGreaterThanOrEqual(65_536);
            for (const other of blocks)
              expect(
                block.offset + block.byteLength <= other.offset ||
                  other.offset + other.byteLength <= block.offset,
              ).toBe(true);
            blocks.push(block);
          }
          for (const block of blocks) arena.free(block);
          expect(arena.usedBytes).toBe(0);
          expect(arena.allocate(1024 * 1024).offset).toBe(65_536);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('says when it is full and when a block is freed twice', () => {
    const arena = new SharedFrameArena(65_536);
    const block = arena.allocate(65_536);
    expect(() => arena.allocate(1)).toThrow(RangeError);
    arena.free(block);
    expect(() => arena.free(block)).toThrow(RangeError);
  });

  it('hands control words out zeroed', () => {
    const arena = new SharedFrameArena(65_536);
    const dirty = arena.allocate(16);
    new Uint8Array(arena.memory.buffer).fill(9, dirty.offset, dirty.offset + 16);
    arena.free(dirty);
    expect([...new Int32Array(arena.memory.buffer, arena.allocate(16).offset, 4)]).toEqual([0, 0, 0, 0]);
  });
});
