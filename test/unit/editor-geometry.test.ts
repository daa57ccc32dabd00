import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf, centreOf, cornersOf, holds, meets, turned } from '../../renderer/editor/geometry';
import { gripAt, gripsOf, resizeCursor } from '../../renderer/editor/handles';
import {
  anchoredBox,
  boxPatch,
  carriedBox,
  croppedItem,
  fittingBox,
  handleNames,
  handleSide,
  isCorner,
  pulledScale,
  scaledBox,
  turnedBox,
  uncutRect,
} from '../../renderer/editor/reshape';
import { snapLines, snapMove, snapScale, snapTurn } from '../../renderer/editor/snap';
import { fittedView, toCanvas, toScreen, withinRoom, zoomedView } from '../../renderer/editor/view-port';
import { itemPatchSchema } from '../../shared/model/edit';
import { croppedPart, itemBox } from '../../shared/model/placement';
import { cropSchema, sceneItemSchema } from '../../shared/model/scene';

const box = fc.record({
  x: fc.integer({ min: -2000, max: 2000 }),
  y: fc.integer({ min: -2000, max: 2000 }),
  width: fc.integer({ min: 1, max: 3000 }),
  height: fc.integer({ min: 1, max: 3000 }),
  rotation: fc.integer({ min: -1799, max: 1800 }).map((tenths) => tenths / 10),
});
const handle = fc.constantFrom(...handleNames);
const shift = fc.record({
  x: fc.double({ min: -3000, max: 3000, noNaN: true }),
  y: fc.double({ min: -3000, max: 3000, noNaN: true }),
});
const canvas = { width: 1920, height: 1080 };
const distance = (one: { x: number; y: number }, other: { x: number; y: number }): number =>
  Math.hypot(one.x - other.x, one.y - other.y);

describe('turned boxes', () => {
  it('hold their centre and their corners, and lie within their bounds', () => {
    fc.assert(
      fc.property(box, (one) => {
        expect(holds(one, centreOf(one))).toBe(true);
        const bounds = boundsOf([one]);
        for (const { x, y } of cornersOf(one)) {
          // Beyond rounding, none lies outside.
          expect(x).toBeGreaterThan((bounds?.x ?? 0) - 1e-6);
          expect(y).toBeLessThan((bounds?.y ?? 0) + (bounds?.height ?? 0) + 1e-6);
        }
      }),
    );
  });

  it('are met by a rectangle exactly where they are', () => {
    const tilted = { x: 100, y: 100, width: 200, height: 20, rotation: 45 };
    expect(meets({ x: 195, y: 105, width: 10, height: 10 }, tilted)).toBe(true);
    // In its bounds, but beside the turned box itself.
    expect(meets({ x: 130, y: 160, width: 10, height: 10 }, tilted)).toBe(false);
  });

  it('turn about the pivot: the centre keeps its distance, turning back brings it back', () => {
    fc.assert(
      fc.property(box, shift, fc.integer({ min: -180, max: 180 }), (one, pivot, degrees) => {
        const there = turnedBox(one, pivot, degrees);
        fc.pre(Math.abs(there.x) < 16_000 && Math.abs(there.y) < 16_000);
        expect(distance(centreOf(there), pivot)).toBeCloseTo(distance(centreOf(one), pivot), -1);
        const back = turnedBox(there, pivot, -degrees);
        expect(distance(centreOf(back), centreOf(one))).toBeLessThan(2);
        expect(Math.abs(((back.rotation - one.rotation + 540) % 360) - 180)).toBeLessThan(0.11);
      }),
    );
  });
});

describe('pulling a handle', () => {
  const anchorOf = (
    one: typeof box extends fc.Arbitrary<infer Box> ? Box : never,
    name: (typeof handleNames)[number],
  ) => {
    const side = handleSide(name);
    const centre = centreOf(one);
    return turned(
      { x: centre.x - (side.x * one.width) / 2, y: centre.y - (side.y * one.height) / 2 },
      centre,
      one.rotation,
    );
  };

  it('leaves the opposite side where it was, at any angle (± 1 px: places are whole)', () => {
    fc.assert(
      fc.property(box, handle, shift, fc.boolean(), (one, name, by, keepsRatio) => {
        const scale = pulledScale(one, name, by, { keepsRatio, isFromCentre: false });
        const after = scaledBox(one, name, scale);
        fc.pre(Math.max(after.width, after.height) < 16_000);
        expect(distance(anchorOf(after, name), anchorOf(one, name))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('follows the pointer, and back again is where it was', () => {
    fc.assert(
      fc.property(box, handle, shift, (one, name, by) => {
        const options = { keepsRatio: false, isFromCentre: false };
        const there = scaledBox(one, name, pulledScale(one, name, by, options));
        const back = scaledBox(one, name, pulledScale(one, name, { x: 0, y: 0 }, options));
        expect(back).toEqual(fittingBox(one));
        const side = handleSide(name);
        const local = turned(by, { x: 0, y: 0 }, -one.rotation);
        expect(there.width).toBe(Math.min(16_384, Math.max(1, Math.round(one.width + side.x * local.x))));
        expect(there.height).toBe(Math.min(16_384, Math.max(1, Math.round(one.height + side.y * local.y))));
      }),
    );
  });

  it('keeps proportions where it is to, and the centre where it is to', () => {
    fc.assert(
      fc.property(box, handle.filter(isCorner), shift, (one, name, by) => {
        const scale = pulledScale(one, name, by, { keepsRatio: true, isFromCentre: true });
        expect(scale.x).toBe(scale.y);
        const after = scaledBox(one, name, scale, true);
        fc.pre(Math.max(after.width, after.height) < 16_000);
        expect(distance(centreOf(after), centreOf(one))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('gives only what the schema takes, whatever comes in', () => {
    const wild = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e300));
    fc.assert(
      fc.property(
        fc.record({ x: wild, y: wild, width: wild, height: wild, rotation: wild }),
        fc.record({ x: wild, y: wild }),
        handle,
        (one, by, name) => {
          const before = fittingBox(one);
          const scale = pulledScale(before, name, by, { keepsRatio: true, isFromCentre: false });
          for (const after of [
            scaledBox(before, name, scale),
            turnedBox(before, by, by.x),
            carriedBox(before, before, one),
          ])
            expect(itemPatchSchema.safeParse(boxPatch(before, after)).success).toBe(true);
        },
      ),
    );
  });
});

describe('cropping', () => {
  const item = sceneItemSchema.parse({ id: 'i', sourceId: 's', x: 100, y: 50, width: 960, height: 540 });
  const size = { width: 1920, height: 1080 };

  it('cuts the source’s own pixels and keeps the scale', () => {
    const { patch, box: after } = croppedItem(item, size, itemBox(item, size), 'e', { x: -100, y: 30 });
    expect(patch).toEqual({
      crop: { left: 0, top: 0, right: 200, bottom: 0 },
      x: 100,
      y: 50,
      width: 860,
      height: 540,
    });
    expect(after.width).toBe(860);
  });

  it('of a mirrored item cuts the other edge of the source', () => {
    const mirrored = { ...item, isFlippedX: true };
    const { patch } = croppedItem(mirrored, size, itemBox(item, size), 'w', { x: 50, y: 0 });
    expect(patch.crop).toEqual({ left: 0, top: 0, right: 100, bottom: 0 });
    expect(patch.x).toBe(150);
  });

  it('at its own size stays at its own size', () => {
    const own = sceneItemSchema.parse({ id: 'i', sourceId: 's' });
    const { patch } = croppedItem(own, size, itemBox(own, size), 'nw', { x: 10, y: 20 });
    expect(patch).toEqual({ crop: { left: 10, top: 20, right: 0, bottom: 0 }, x: 10, y: 20 });
  });

  it('never cuts all away nor adds what is not there, and what it leaves lies where it lay', () => {
    fc.assert(
      fc.property(
        handle,
        shift,
        fc.boolean(),
        fc.integer({ min: 0, max: 900 }),
        (name, by, isFlippedX, left) => {
          const cut = { ...item, isFlippedX, crop: { ...item.crop, left } };
          const before = itemBox(cut, size);
          const { patch, box: after } = croppedItem(cut, size, before, name, by);
          const part = croppedPart({ crop: cropSchema.parse(patch.crop ?? cut.crop) }, size);
          expect(part.width).toBeGreaterThanOrEqual(1);
          expect(itemPatchSchema.safeParse(patch).success).toBe(true);
          // The whole picture, of which this is a part, has not moved.
          const next = { ...cut, ...(patch.crop && { crop: cropSchema.parse(patch.crop) }) };
          const [whole, still] = [uncutRect(next, size, after), uncutRect(cut, size, before)];
          fc.pre(after.width > 40 && after.height > 40);
          expect(Math.abs(whole.x - still.x)).toBeLessThanOrEqual(still.width * 0.04 + 2);
        },
      ),
    );
  });
});

describe('snapping', () => {
  const boxes = fc.array(
    box.map((one) => ({ ...one, rotation: 0 })),
    { maxLength: 5 },
  );

  it('never moves further than its reach, and then lies on a line', () => {
    fc.assert(
      fc.property(box, boxes, fc.integer({ min: 1, max: 40 }), (one, others, reach) => {
        const lines = snapLines(canvas, others);
        const { shift: by, guides } = snapMove(one, lines, reach);
        expect(Math.abs(by.x)).toBeLessThanOrEqual(reach);
        expect(Math.abs(by.y)).toBeLessThanOrEqual(reach);
        const again = snapMove({ ...one, x: one.x + by.x, y: one.y + by.y }, lines, reach);
        expect(again.shift).toEqual({ x: 0, y: 0 });
        if (by.x !== 0) expect(guides.some(({ axis }) => axis === 'x')).toBe(true);
      }),
    );
  });

  it('takes the edges of the canvas, its centre, and those of other items', () => {
    const lines = snapLines(canvas, [{ x: 300, y: 300, width: 100, height: 100, rotation: 0 }]);
    const at = (x: number, y: number) => snapMove({ x, y, width: 480, height: 270 }, lines, 8).shift;
    expect(at(5, -6)).toEqual({ x: -5, y: 6 });
    expect(at(1920 - 480 + 7, 1080 - 270 - 3)).toEqual({ x: -7, y: 3 });
    expect(at(717, 409)).toEqual({ x: 3, y: -4 });
    expect(at(403, 600)).toEqual({ x: -3, y: 0 });
    expect(at(100, 550)).toEqual({ x: 0, y: 0 });
  });

  it('pulls an edge onto a line, and with proportions kept the other side follows', () => {
    const one = { x: 100, y: 100, width: 400, height: 200, rotation: 0 };
    const lines = snapLines(canvas, []);
    const free = { keepsRatio: false, isFromCentre: false };
    const pulled = pulledScale(one, 'e', { x: 455, y: 0 }, free);
    const { scale, guides } = snapScale(one, 'e', pulled, lines, 8, free);
    expect(scaledBox(one, 'e', scale)).toMatchObject({ x: 100, width: 860 });
    expect(guides).toMatchObject([{ axis: 'x', at: 960 }]);
    const kept = { keepsRatio: true, isFromCentre: false };
    const corner = snapScale(one, 'se', pulledScale(one, 'se', { x: 457, y: 228 }, kept), lines, 8, kept);
    expect(scaledBox(one, 'se', corner.scale)).toMatchObject({ width: 860, height: 430 });
    // At an angle there is no edge that could lie on a line.
    expect(snapScale({ ...one, rotation: 12 }, 'e', pulled, lines, 8, free).scale).toEqual(pulled);
  });

  it('of a box on its side snaps the side one sees', () => {
    const one = { x: 500, y: 400, width: 400, height: 200, rotation: 90 };
    const lines = snapLines(canvas, []);
    const options = { keepsRatio: false, isFromCentre: false };
    // Its "e" handle looks down: the lower edge, at 700, goes to the canvas's at 1080.
    const { scale } = snapScale(
      one,
      'e',
      pulledScale(one, 'e', { x: 0, y: 376 }, options),
      lines,
      8,
      options,
    );
    const bounds = boundsOf([scaledBox(one, 'e', scale)]);
    expect((bounds?.y ?? 0) + (bounds?.height ?? 0)).toBeCloseTo(1080, 5);
  });

  it('turns in steps, or sticks to quarters', () => {
    expect(snapTurn(52, { isStepped: true, isFree: false })).toBe(45);
    expect(snapTurn(88.7, { isStepped: false, isFree: false })).toBe(90);
    expect(snapTurn(87, { isStepped: false, isFree: false })).toBe(87);
    expect(snapTurn(88.7, { isStepped: false, isFree: true })).toBe(88.7);
  });
});

describe('the view', () => {
  it('covers whole, even numbers of pixels, unless that would cost too much of the picture', () => {
    for (const [room, canvas, shown] of [
      [
        { width: 510, height: 400 },
        { width: 1920, height: 1080 },
        { width: 480, height: 270 },
      ],
      [
        { width: 1200.5, height: 900.25 },
        { width: 1280, height: 720 },
        { width: 1152, height: 648 },
      ],
      [
        { width: 700, height: 500 },
        { width: 1080, height: 1920 },
        { width: 252, height: 448 },
      ],
      // Proportions that only fit in steps of 683×384.
      [
        { width: 828, height: 900 },
        { width: 1366, height: 768 },
        { width: 800, height: 449.78 },
      ],
    ] as const) {
      const view = fittedView(room, canvas, 14);
      expect(canvas.width * view.scale).toBeCloseTo(shown.width, 2);
      expect(canvas.height * view.scale).toBeCloseTo(shown.height, 2);
      expect([view.x, view.y].every(Number.isInteger)).toBe(true);
      expect(view.x).toBeGreaterThanOrEqual(14);
      expect(view.y).toBeGreaterThanOrEqual(14);
    }
  });

  it('and the canvas are one another’s inverse; zooming keeps the point under the pointer', () => {
    fc.assert(
      fc.property(shift, fc.double({ min: 0.05, max: 8, noNaN: true }), (at, scale) => {
        const view = zoomedView(fittedView({ width: 800, height: 600 }, canvas, 14), at, scale);
        const there = toScreen(view, toCanvas(view, at));
        expect(distance(there, at)).toBeLessThan(1e-6);
        const before = toCanvas(fittedView({ width: 800, height: 600 }, canvas, 14), at);
        expect(distance(toCanvas(view, at), before)).toBeLessThan(1e-6);
      }),
    );
  });

  it('always keeps some of the canvas in sight', () => {
    fc.assert(
      fc.property(shift, fc.double({ min: 0.05, max: 8, noNaN: true }), (at, scale) => {
        const room = { width: 800, height: 600 };
        const view = withinRoom({ scale, x: at.x * 10, y: at.y * 10 }, room, canvas);
        expect(
          meets({ x: 0, y: 0, ...room }, { ...view, width: 1920 * scale, height: 1080 * scale, rotation: 0 }),
        ).toBe(true);
      }),
    );
  });
});

describe('grips', () => {
  it('lie on the turned box, one of them under each of their own places', () => {
    const one = { x: 200, y: 200, width: 300, height: 200, rotation: 30 };
    const grips = gripsOf(one, { width: 1000, height: 800 });
    expect(grips).toHaveLength(9);
    for (const { grip, at } of grips) expect(gripAt(grips, at)).toBe(grip);
    expect(gripAt(grips, centreOf(one))).toBeNull();
  });

  it('the one for turning stays in sight of a box as large as the room', () => {
    const grips = gripsOf(
      { x: 10, y: 10, width: 980, height: 780, rotation: 0 },
      { width: 1000, height: 800 },
    );
    expect(grips.find(({ grip }) => grip === 'rotate')?.at).toEqual({ x: 500, y: 36 });
  });

  it('show the way they go, as the box is turned', () => {
    expect([0, 45, 90, 135, 180].map((rotation) => resizeCursor('n', rotation))).toEqual([
      'ns-resize',
      'nesw-resize',
      'ew-resize',
      'nwse-resize',
      'ns-resize',
    ]);
    expect(resizeCursor('se', 0)).toBe('nwse-resize');
  });

  it('of a box with an anchor: the other side stays', () => {
    expect(
      anchoredBox({ x: 0, y: 0, width: 100, height: 50, rotation: 0 }, 'nw', { width: 60, height: 20 }),
    ).toEqual({
      x: 40,
      y: 30,
      width: 60,
      height: 20,
      rotation: 0,
    });
  });
});
