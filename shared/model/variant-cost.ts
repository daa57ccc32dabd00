interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * CPU milliseconds that x264 takes for a million pixels, by preset: between still and busy pictures in full HD at 6
 * Mbit/s, on one core of a server of 2021 (AMD EPYC). What matters most is how they stand to one another.
 */
export const x264MsPerMegapixel = {
  slow: 60,
  medium: 36,
  fast: 26,
  faster: 20,
  veryfast: 12.5,
  superfast: 7.5,
  ultrafast: 3.2,
  /** the documented profile: veryfast in slices, with a finer motion search */
  reference: 18,
} as const;
export type X264Step = keyof typeof x264MsPerMegapixel;

/** for a million pixels: through two processes and a pipe */
const pipeMs = 0.6;
/** Lanczos: for a million pixels that are read, and one that is written */
const scaleInMs = 1;
const scaleOutMs = 2;

const megapixels = ({ width, height }: Size): number => (width * height) / 1e6;
const isSame = (one: Size, other: Size): boolean => one.width === other.width && one.height === other.height;

/** CPU milliseconds to bring a picture into an encoder, scaled where the size is another (pure). */
export function carriageMs(canvas: Size, output: Size): number {
  const scaling = isSame(canvas, output)
    ? 0
    : scaleInMs * megapixels(canvas) + scaleOutMs * megapixels(output);
  return pipeMs * megapixels(canvas) + scaling;
}

/** What a variant takes while it runs, percent of one core (pure, an estimate). */
export function variantCorePercent(
  variant: Size & { readonly fps: number },
  canvas: Size,
  msPerMegapixel: number,
): number {
  const pictureMs = msPerMegapixel * megapixels(variant) + carriageMs(canvas, variant);
  return (pictureMs * variant.fps) / 10;
}
