import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { decodeAmf0, encodeAmf0 } from '../../electron/streaming/media/amf0';
import type { Amf0Value } from '../../electron/streaming/media/amf0';

const seed = 20_261;

const record = (entries: [string, Amf0Value][]): Amf0Value =>
  Object.assign(Object.create(null) as object, Object.fromEntries(entries));
/** strings that UTF-8 can hold: no lone surrogates */
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const { value } = fc.letrec<{ value: Amf0Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'amf0' },
    fc.double(),
    fc.boolean(),
    text,
    fc.constantFrom<Amf0Value>(null, undefined),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value'), { maxLength: 5, depthIdentifier: 'amf0' }),
    fc
      .array(fc.tuple(text, tie('value')), { maxLength: 5, depthIdentifier: 'amf0' })
      .map((entries) => record(entries)),
    fc
      .array(fc.tuple(text, tie('value')), { maxLength: 5, depthIdentifier: 'amf0' })
      .map((entries) => new Map(entries)),
  ),
}));

describe('AMF0', () => {
  it('writes a connect command as the specification shows it', () => {
    const bytes = encodeAmf0('connect', 1, { app: 'live' }, null, true, undefined);
    expect(bytes.toString('hex')).toBe(
      '020007636f6e6e656374' + // string
        '003ff0000000000000' + // 1.0
        '030003617070020004' +
        '6c697665' +
        '000009' + // object
        '05' +
        '0101' +
        '06',
    );
  });

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), (values) => {
        expect(decodeAmf0(encodeAmf0(...values), { values: 100_000 })).toStrictEqual(values);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('keeps long strings and the member name __proto__', () => {
    const long = 'ä'.repeat(40_000);
    const object = decodeAmf0(encodeAmf0(long, JSON.parse('{"__proto__":5}') as Amf0Value));
    expect(object[0]).toBe(long);
    expect(Object.entries(object[1] as object)).toEqual([['__proto__', 5]]);
    expect(Object.getPrototypeOf(object[1])).toBeNull();
  });

  it('reads typed objects, XML and unsupported values of other writers', () => {
    const bytes = Buffer.from('10000161' + '000178' + '0101' + '000009' + '0f00000001' + '3c' + '0d', 'hex');
    expect(decodeAmf0(bytes)).toEqual([record([['x', true]]), '<', undefined]);
  });

  it.each([
    ['a cut number', '003ff0'],
    ['a string longer than the body', '02ffff61'],
    ['an object without an end', '0300016101 01'.replace(' ', '')],
    ['an unknown marker', '42'],
    ['a reference', '070001'],
    ['a strict array that promises four thousand million values', '0affffffff0101'],
  ])('refuses %s', (_, hex) => {
    expect(() => decodeAmf0(Buffer.from(hex, 'hex'))).toThrow(RangeError);
  });

  it('limits depth and number of values', () => {
    const deep = Buffer.from('0a00000001'.repeat(50_000), 'hex');
    expect(() => decodeAmf0(deep)).toThrow(/nested deeper/);
    expect(() => decodeAmf0(Buffer.alloc(20_000, 5))).toThrow(/more than 10000 values/);
    let nested: Amf0Value = 1;
    for (let depth = 0; depth < 20; depth++) nested = [nested];
    expect(() => encodeAmf0(nested)).toThrow(RangeError);
  });

  it('answers arbitrary and damaged bytes with values or a RangeError only', () => {
    const damaged = fc
      .tuple(
        fc.array(value, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(),
      )
      .map(([values, at, byte, cut]) => {
        const bytes = encodeAmf0(...values);
        bytes[at % bytes.length] = byte;
        return bytes.subarray(0, (cut % bytes.length) + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          expect(Array.isArray(decodeAmf0(bytes))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { seed, numRuns: 3000 },
    );
  });
});
