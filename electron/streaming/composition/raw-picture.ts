import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { PictureRequest, TileJob } from '../interfaces/layer';
import { drawText } from './text-picture';
import { toTileError } from './tile-errors';

/** RGBA, not premultiplied, tightly packed. */
export interface RawPicture {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface DrawnTile extends RawPicture {
  /** size before padding to even */
  readonly naturalWidth: number;
  readonly naturalHeight: number;
}

/** Decoded pictures larger than this are refused instead of filling the memory. */
const maxInputPixels = 120_000_000;
/** A tile of this size takes 100 MB of the arena. */
const maxTilePixels = 36_000_000;
const transparent = { r: 0, g: 0, b: 0, alpha: 0 };

/** What of the own picture is shown; at least one pixel of it, whatever the crop says. */
export function cropArea(
  crop: PictureRequest['crop'],
  width: number,
  height: number,
): { left: number; top: number; width: number; height: number } {
  const left = Math.min(crop.left, width - 1);
  const top = Math.min(crop.top, height - 1);
  return {
    left,
    top,
    width: Math.max(1, width - left - crop.right),
    height: Math.max(1, height - top - crop.bottom),
  };
}

/** Size asked for; a missing side keeps the proportions of the cropped picture. */
export function targetSize(
  request: PictureRequest,
  cropped: { width: number; height: number },
): { width: number; height: number } {
  const { width, height } = request;
  const inProportion = (value: number): number => Math.max(1, Math.round(value));
  if (width !== undefined && height !== undefined) return { width, height };
  if (width !== undefined) return { width, height: inProportion((width * cropped.height) / cropped.width) };
  if (height !== undefined) return { width: inProportion((height * cropped.width) / cropped.height), height };
  return { width: cropped.width, height: cropped.height };
}

/** Crop, scale (Lanczos), pad to even coordinates and sizes; RGBA out. */
async function shape(
  picture: Sharp,
  own: { width: number; height: number },
  request: PictureRequest,
): Promise<DrawnTile> {
  const area = cropArea(request.crop, own.width, own.height);
  const size = targetSize(request, area);
  const { padX, padY } = request;
  const right = (padX + size.width) % 2;
  const bottom = (padY + size.height) % 2;
  if (size.width * size.height > maxTilePixels)
    throw new Error(`${size.width}×${size.height} pixels are too many`);
  picture = picture.extract(area);
  if (size.width !== area.width || size.height !== area.height)
    picture = picture.resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3' });
  picture = picture.toColourspace('srgb').ensureAlpha();
  if (padX + padY + right + bottom > 0)
    picture = picture.extend({ left: padX, top: padY, right, bottom, background: transparent });
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return {
    data,
    width: info.width,
    height: info.height,
    naturalWidth: size.width,
    naturalHeight: size.height,
  };
}

async function drawImage(job: Extract<TileJob, { type: 'image' }>): Promise<DrawnTile> {
  const picture = sharp(job.path, { failOn: 'truncated', limitInputPixels: maxInputPixels }).autoOrient();
  const { autoOrient } = await picture.metadata();
  return shape(picture, autoOrient, job.request);
}

async function drawColor(job: Extract<TileJob, { type: 'color' }>): Promise<DrawnTile> {
  const { width, height, rgba } = job;
  const [r, g, b, alpha] = rgba;
  const area = cropArea(job.request.crop, width, height);
  const size = targetSize(job.request, area);
  // One colour stays one colour when scaled: draw it at its final size.
  const picture = sharp({
    create: { ...size, channels: 4, background: { r, g, b, alpha: alpha / 255 } },
  });
  return shape(picture, size, { ...job.request, crop: { left: 0, top: 0, right: 0, bottom: 0 }, ...size });
}

async function drawShapedText(job: Extract<TileJob, { type: 'text' }>): Promise<DrawnTile> {
  const { data, width, height } = await drawText(job);
  return shape(sharp(data, { raw: { width, height, channels: 4 } }), { width, height }, job.request);
}

/**
 * The pixels of a tile.
 * @throws StudioError source-file-missing, source-file-unreadable, text-unrenderable
 */
export async function drawTile(job: TileJob): Promise<DrawnTile> {
  try {
    if (job.type === 'image') return await drawImage(job);
    if (job.type === 'color') return await drawColor(job);
    return await drawShapedText(job);
  } catch (error) {
    throw toTileError(job, error);
  }
}
