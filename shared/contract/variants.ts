import { z } from 'zod';
import { exactRate } from '../model/frame-rate';

/** as many sizes and rates beside the program's own */
export const mostVariants = 4;

// H.264 4:2:0 needs even sizes; 16 is x264's smallest macroblock.
const even = z.number().int().min(16).max(8192).multipleOf(2);

/** The program in another quality, for destinations that want less: its own encoder, the same pictures and sound. */
export const variantSchema = z.object({
  id: z.string().min(1).max(200),
  name: z.string().trim().min(1).max(40),
  width: even,
  height: even,
  /** Pictures a second at most: it has every so many-th of the program's, and so a whole part of its rate. */
  maxFps: z.number().min(1).max(240).overwrite(exactRate),
  bitrateKbps: z.number().int().min(100).max(100_000),
});
export type Variant = z.infer<typeof variantSchema>;

export const variantViewSchema = variantSchema.extend({
  /** pictures a second, as the program is now */
  fps: z.number(),
  /** `off`: nobody wants it; `failing`: its encoder keeps ending */
  state: z.enum(['off', 'starting', 'running', 'failing']),
  /** what it really does, over the last seconds; null: it is off, or has only just begun */
  figures: z
    .object({
      fps: z.number(),
      bitrateKbps: z.number(),
      /** of its encoder, percent of one core; null where the system does not say */
      corePercent: z.number().nullable(),
      /** pictures left out because it was late */
      skipped: z.number(),
    })
    .nullable(),
});
export type VariantView = z.infer<typeof variantViewSchema>;

/** What the cost of a variant is reckoned from. */
export const costBasisSchema = z.object({
  /** the encoder profile that variants have, by name */
  profile: z.string(),
  /** CPU milliseconds for a million pixels, encoded so */
  msPerMegapixel: z.number(),
  /** where that is from: the program's encoder as it runs, what was measured here before, or another computer */
  origin: z.enum(['running', 'measured', 'table']),
  /** what nobody on this computer uses, percent of one core; null: not known yet */
  idleCorePercent: z.number().nullable(),
});
export type CostBasis = z.infer<typeof costBasisSchema>;

export const variantsSliceSchema = z.object({
  list: z.array(variantViewSchema),
  basis: costBasisSchema,
});
