import { z } from 'zod';

export const x264Presets = [
  ...['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow'],
] as [string, ...string[]];

const whole = (least: number, most: number) => ({
  schema: z
    .string()
    .regex(/^\d{1,3}$/)
    .refine((text) => Number(text) >= least && Number(text) <= most),
  expected: `a whole number from ${least} to ${most}`,
});
const decimal = (least: number, most: number) => ({
  schema: z
    .string()
    .regex(/^\d(\.\d{1,3})?$/)
    .refine((text) => Number(text) >= least && Number(text) <= most),
  expected: `a number from ${least} to ${most}`,
});
const oneOf = (...words: readonly string[]) => ({
  schema: z.string().refine((text) => words.includes(text)),
  expected: words.join(', '),
});
const pair = (number: string, expected: string) => ({
  schema: z.string().regex(new RegExp(`^${number}(,${number})?$`)),
  expected,
});

/**
 * Options of x264 that a person may set: those that trade speed for quality. What the stream depends on (rate, keyframes,
 * timing, headers, files, threads) is not among them. Values as x264 takes them.
 */
export const x264Options = {
  tune: oneOf('film', 'animation', 'grain', 'stillimage', 'fastdecode', 'zerolatency'),
  ref: whole(1, 8),
  bframes: whole(0, 8),
  'b-adapt': whole(0, 2),
  'b-pyramid': oneOf('none', 'strict', 'normal'),
  weightb: whole(0, 1),
  weightp: whole(0, 2),
  'rc-lookahead': whole(0, 60),
  mbtree: whole(0, 1),
  'aq-mode': whole(0, 3),
  'aq-strength': decimal(0, 3),
  qcomp: decimal(0, 1),
  me: oneOf('dia', 'hex', 'umh'),
  merange: whole(4, 64),
  subme: whole(0, 9),
  trellis: whole(0, 2),
  'psy-rd': pair('\\d(\\.\\d{1,2})?', 'one or two numbers, as 1.0 or 0.8,0.2'),
  deblock: pair('-?[0-6]', 'one or two whole numbers from -6 to 6, as 1,1'),
  direct: oneOf('none', 'spatial', 'temporal', 'auto'),
  partitions: oneOf('none', 'all', 'i4x4', 'i8x8', 'p8x8', 'b8x8'),
  'mixed-refs': whole(0, 1),
  '8x8dct': whole(0, 1),
  cabac: whole(0, 1),
  'fast-pskip': whole(0, 1),
  'sliced-threads': whole(0, 1),
} as const;
export type X264Option = keyof typeof x264Options;
const isKnown = (name: string): name is X264Option => Object.hasOwn(x264Options, name);

/** the studio's own: without them a stream is none */
const ownOptions =
  /^(bitrate|vbv-|crf|qp|pass|stats|ratetol|keyint|min-keyint|scenecut|intra-refresh|open-gop|nal-hrd|filler|force-cfr|fps|timebase|vfr-input|profile|level|threads|lookahead-threads|sync-lookahead|preset|input-|output|colou?r|range|annexb|repeat-headers|aud|slices)/;

export interface RefusedOption {
  readonly option: string;
  readonly reason: string;
}

/** Which of these options cannot be set, and why (pure). */
export function refusedOptions(options: Readonly<Record<string, string>>): RefusedOption[] {
  return Object.entries(options).flatMap(([option, value]) => {
    if (ownOptions.test(option))
      return [{ option, reason: 'the studio sets it, since the stream depends on it' }];
    if (!isKnown(option)) return [{ option, reason: `it is none of ${Object.keys(x264Options).join(', ')}` }];
    const { schema, expected } = x264Options[option];
    return schema.safeParse(value).success
      ? []
      : [{ option, reason: `expected ${expected}, found “${value}”` }];
  });
}

const options = z
  .record(z.string().min(1).max(40), z.string().max(60))
  .refine((given) => Object.keys(given).length <= 40);

/** An encoder profile that a person made: x264 with a preset and options of their own. */
export const userProfileSchema = z.object({
  /** what it is forced by: lower case, figures and hyphens */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  preset: z.enum(x264Presets),
  threads: z.number().int().min(1).max(16),
  options,
});
export type UserProfile = z.infer<typeof userProfileSchema>;

/** One whose options are all on the list, as settings keep it. */
export const savedProfileSchema = userProfileSchema.refine(
  (profile) => refusedOptions(profile.options).length === 0,
);

/**
 * `ref=2:aq-mode=3` (or with spaces or new lines between), as x264 writes its options, → names and values; a name without
 * a value is switched on, with `no-` before it off. (pure)
 */
export function parseX264Options(text: string): Record<string, string> {
  const words = text.split(/[\s:]+/).filter((word) => word !== '');
  return Object.fromEntries(
    words.map((word) => {
      const [name = '', ...value] = word.replace(/^--/, '').split('=');
      if (value.length > 0) return [name, value.join('=')];
      return name.startsWith('no-') ? [name.slice(3), '0'] : [name, '1'];
    }),
  );
}

/** The other way round. */
export const x264OptionsText = (given: Readonly<Record<string, string>>): string =>
  Object.entries(given)
    .map(([name, value]) => `${name}=${value}`)
    .join(':');
