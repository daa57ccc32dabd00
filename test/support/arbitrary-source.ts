import fc from 'fast-check';
import type { z } from 'zod';
import type { SourceKind, sourceSchema } from '../../shared/model/source';

type SourceInput = z.input<typeof sourceSchema>;

export const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
export const id = (prefix: string) => fc.integer({ min: 0, max: 3 }).map((number) => `${prefix}-${number}`);
const digits = (count: number) =>
  fc.integer({ min: 0, max: 16 ** count - 1 }).map((value) => value.toString(16).padStart(count, '0'));
export const color = fc.oneof(digits(6), digits(8)).map((value) => `#${value}`);
const px = (min: number, max: number) => fc.integer({ min, max });
const fps = fc.constantFrom(1, 25, 29.97, 60, 240);

const sound = fc.record(
  { faderDb: px(-100, 6), isMuted: fc.boolean(), syncOffsetMs: px(0, 2000) },
  { requiredKeys: [] },
);
const device = fc.record({
  id: fc.string({ minLength: 1, maxLength: 8 }),
  name: fc.string({ maxLength: 8 }),
});
/** Every studio has them; what other paths become depends on the files that are there. */
const path = fc.constantFrom('resource:demo/backdrop.jpg', 'resource:demo/nothing.mp4');
const textStyle = {
  font: fc.constantFrom('Inter', 'Nothing Sans'),
  sizePx: px(4, 2000),
  weight: fc.constantFrom('regular' as const, 'bold' as const),
  color,
  align: fc.constantFrom('left' as const, 'center' as const, 'right' as const),
  outline: fc.option(fc.record({ color, widthPx: px(0, 100) })),
  shadow: fc.option(
    fc.record({ color, blurPx: px(0, 200), offsetXPx: px(-500, 500), offsetYPx: px(-500, 500) }),
  ),
};

/** One row a kind: a kind without one does not compile. What has a default may be left out. */
const settings: {
  [Kind in SourceKind]: fc.Arbitrary<Omit<Extract<SourceInput, { kind: Kind }>, 'id' | 'name' | 'kind'>>;
} = {
  image: fc.record({ path }),
  color: fc.record({ color, width: px(1, 8192), height: px(1, 8192) }),
  text: fc.record(
    { text: fc.string({ maxLength: 30 }), ...textStyle, wrapWidthPx: fc.option(px(16, 8192)) },
    { requiredKeys: ['text'] },
  ),
  clock: fc.record(
    {
      ...{ mode: fc.constantFrom('clock' as const, 'countup' as const, 'countdown' as const) },
      ...{ durationSec: px(0, 359_999), ...textStyle },
    },
    { requiredKeys: [] },
  ),
  media: fc.record({ path, loop: fc.boolean(), sound }, { requiredKeys: ['path'] }),
  sync: fc.record({ sound }, { requiredKeys: [] }),
  screen: fc.record(
    {
      device,
      region: fc.option(
        fc.record({ x: px(0, 32_767), y: px(0, 32_767), width: px(2, 16_384), height: px(2, 16_384) }),
      ),
      isCursorShown: fc.boolean(),
      fps,
    },
    { requiredKeys: ['device'] },
  ),
  camera: fc.record(
    { device, mode: fc.option(fc.record({ width: px(2, 8192), height: px(2, 8192), fps })) },
    { requiredKeys: ['device'] },
  ),
  microphone: fc.record({ device, sound }, { requiredKeys: ['device'] }),
  'desktop-sound': fc.record({ device, sound }, { requiredKeys: ['device'] }),
  'browser-capture': fc.oneof(
    // What a browser calls a window stays at home.
    fc.record(
      { capture: fc.constant('display' as const), hasSound: fc.boolean(), sound },
      { requiredKeys: ['capture'] },
    ),
    fc.record(
      {
        capture: fc.constantFrom('camera' as const, 'microphone' as const),
        ...{ deviceName: fc.string({ maxLength: 8 }), hasSound: fc.boolean(), sound },
      },
      { requiredKeys: ['capture'] },
    ),
  ),
  ingest: fc.record({ keyId: name, bufferMs: px(0, 5000), sound }, { requiredKeys: ['keyId'] }),
};

/** A source of any kind this version knows, as it is written down. */
export const arbitrarySource: fc.Arbitrary<SourceInput> = fc
  .constantFrom(...(Object.keys(settings) as SourceKind[]))
  .chain((kind) =>
    fc
      .record({ id: id('source'), name, given: settings[kind] as fc.Arbitrary<object> })
      .map(({ given, ...base }) => ({ ...base, kind, ...given }) as SourceInput),
  );

/** One that a later version wrote: of a kind nobody knows, or with settings this version cannot read. */
export const arbitraryUnknownSource = fc.oneof(
  fc.record({
    ...{ id: id('source'), name, kind: fc.constantFrom('hologram', 'sourcery') },
    // As a file has it: JSON has no −0.
    depth: fc
      .jsonValue({ maxDepth: 2, stringUnit: fc.constantFrom('a', 'b', '7', ' ') })
      .map((value): unknown => JSON.parse(JSON.stringify(value))),
  }),
  fc.record({
    ...{ id: id('source'), name, kind: fc.constantFrom('text', 'media', 'screen') },
    futureSetting: fc.array(fc.integer(), { maxLength: 3 }),
  }),
);
