import { join } from 'node:path';
import type { SourceSettingsOf } from '../../../shared/model/source';
import type { PictureRequest, TileJob } from '../interfaces/layer';
import { StudioError, isCancelled } from '../lib/errors';
import { paths } from '../lib/paths';
import { parseColor } from './color-value';

type TextStyle = Pick<SourceSettingsOf<'text'>, 'font' | 'sizePx' | 'weight' | 'color' | 'align'>;

/** Fonts that we ship, so that a scene looks the same on every machine. */
const shippedFonts: Record<string, Record<TextStyle['weight'], string>> = {
  inter: { regular: 'Inter-Regular.ttf', bold: 'Inter-Bold.ttf' },
};

export function textJob(
  text: string,
  style: TextStyle,
  request: PictureRequest,
  hasTabularDigits = false,
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
    request,
  };
}

export function asTextError(error: unknown): unknown {
  if (error instanceof StudioError || isCancelled(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new StudioError('text-unrenderable', { reason }, { cause: error });
}
