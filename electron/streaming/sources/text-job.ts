import { join } from 'node:path';
import type { TextStyle } from '../../../shared/model/source';
import type { PictureRequest, TileJob } from '../interfaces/layer';
import { StudioError, isCancelled } from '../lib/errors';
import { paths } from '../lib/paths';
import { parseColor } from './color-value';

/** Fonts that we ship, so that a scene looks the same on every machine. */
const shippedFonts: Record<string, Record<TextStyle['weight'], string>> = {
  inter: { regular: 'Inter-Regular.ttf', bold: 'Inter-Bold.ttf' },
};

export function textJob(
  text: string,
  style: TextStyle,
  request: PictureRequest,
  {
    hasTabularDigits = false,
    wrapWidthPx = null,
  }: { hasTabularDigits?: boolean; wrapWidthPx?: number | null } = {},
): TileJob {
  const shipped = shippedFonts[style.font.trim().toLowerCase()]?.[style.weight];
  return {
    type: 'text',
    text,
    font: style.font,
    fontFile: shipped === undefined ? undefined : join(paths.fonts, shipped),
    sizePx: style.sizePx,
    weight: style.weight,
    rgba: parseColor(style.color),
    align: style.align,
    ...(hasTabularDigits && { hasTabularDigits }),
    outline: style.outline && { rgba: parseColor(style.outline.color), widthPx: style.outline.widthPx },
    shadow: style.shadow && {
      rgba: parseColor(style.shadow.color),
      blurPx: style.shadow.blurPx,
      offsetXPx: style.shadow.offsetXPx,
      offsetYPx: style.shadow.offsetYPx,
    },
    wrapWidthPx,
    request,
  };
}

export function asTextError(error: unknown): unknown {
  if (error instanceof StudioError || isCancelled(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new StudioError('text-unrenderable', { reason }, { cause: error });
}

export const fontMissing = (font: string): StudioError =>
  new StudioError('font-missing', { font, used: "the system's own font" });
