import type { ErrorTexts } from './error-text-form';

/** Further qualities of the program. */
export const variantErrorTexts = {
  'variant-not-found': () => ({
    sentence: 'The quality variant that was chosen is not there any more.',
    remedy:
      'Choose another picture in the form of the destination, or add the variant again in the settings.',
  }),
  'variant-in-use': (d) => ({
    sentence: `“${d.name}” is what ${d.destinations.join(', ')} ${d.destinations.length === 1 ? 'gets' : 'get'}.`,
    remedy: 'Give them the program or another variant first; then it can be removed.',
  }),
  'variant-name-taken': (d) => ({
    sentence: `There is a picture named “${d.name}” already.`,
    remedy: 'Choose another name.',
  }),
  'variants-full': (d) => ({
    sentence: `There are ${d.most} variants already, as many as can be.`,
    remedy: 'Change one of them, or remove one that nobody uses.',
  }),
  'variant-larger': (d) => ({
    sentence: `${d.width}×${d.height} is larger than the canvas (${d.canvasWidth}×${d.canvasHeight}).`,
    remedy: 'Choose a size that fits into the canvas: a larger one costs more and shows nothing more.',
  }),
  'variant-behind': (d) => ({
    sentence: `The encoder of “${d.name}” is late, so that pictures of it are left out. The program itself has all of them.`,
    remedy: 'Make the variant smaller or slower, or give its destinations the program.',
  }),
} satisfies Partial<ErrorTexts>;
