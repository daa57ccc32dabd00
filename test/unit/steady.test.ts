import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSame, steady } from '../../renderer/store/steady';

describe('steady parts of the state', () => {
  it('are the same object as long as they say the same', () => {
    const select = steady((state: { names: string[]; place: number }) => ({ names: state.names }));
    const first = select({ names: ['a', 'b'], place: 1 });
    expect(select({ names: ['a', 'b'], place: 2 })).toBe(first);
    const other = select({ names: ['a', 'c'], place: 2 });
    expect(other).toEqual({ names: ['a', 'c'] });
    expect(select({ names: ['a', 'b'], place: 2 })).not.toBe(other);
  });

  it('tells a list from an object, a missing field from an undefined one, and null from nothing', () => {
    for (const [one, other] of [
      [[], {}],
      [{ a: undefined }, {}],
      [{ a: undefined }, { b: undefined }],
      [null, undefined],
      [{ a: null }, { a: {} }],
      [[1, 2], [1]],
    ] as const) {
      expect(isSame(one, other)).toBe(false);
      expect(isSame(other, one)).toBe(false);
    }
  });

  it('property: two values are the same exactly if their JSON with sorted names is', () => {
    const text = (value: unknown): string =>
      JSON.stringify(value, (_name, part: unknown) =>
        typeof part === 'object' && part !== null && !Array.isArray(part)
          ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
          : part,
      );
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, value, (one, other) => {
        expect(isSame(one, structuredClone(one))).toBe(true);
        expect(isSame(one, other)).toBe(
          text(one) === text(other) && !Object.is(one, -0) && isSame(other, one),
        );
      }),
      { numRuns: 500 },
    );
  });
});
