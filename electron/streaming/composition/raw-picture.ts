import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { croppedPart, itemSize } from '../../../shared/model/placement';
import type { PictureRequest, TileJob } from '../interfaces/layer';
import { StudioError } from '../lib/errors';
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
  /** size of the whole picture before crop and scaling */
  readonly ownWidth: number;
  readonly ownHeight: number;
  /** texts: another font was taken */
  readonly isFontMissing: boolean;
}

/** Decoded pictures larger than this (400 MB of RGBA) are refused by their header, before anything is decoded. */
const maxInputPixels = 100_000_000;
/** A tile of this size takes 46 MB of the arena. */
const maxTilePixels = 16_777_216;
const maxTileSide = 8192;
/** Sharp ends a picture that takes longer, where its decoder lets it: between the strips of most kinds, not within one. */
const maxDrawingSec = 10;
const transparent = { r: 0, g: 0, b: 0, alpha: 0 };

const whole = { left: 0, top: 0, right: 0, bottom: 0 };

/**
 * The size asked for; a missing side keeps the proportions of the cropped picture. What is beyond the bounds of a tile
 * becomes smaller in proportion: the compositor scales it up.
 */
function tileSize(
  request: PictureRequest,
  cropped: { width: number; height: number },
): { width: number; height: number } {
  const wanted = itemSize(request, cropped);
  const { width, height } = wanted;
  const shrink = Math.min(
    1,
    maxTileSide / Math.max(width, height),
    Math.sqrt(maxTilePixels / (width * height)),
  );
  if (shrink === 1) return wanted;
  const side = (value: number): number => Math.max(1, Math.floor(value * shrink));
  return { width: side(width), height: side(height) };
}

/** Crop, scale (Lanczos), pad to even coordinates and sizes; RGBA out. */
async function shape(
  picture: Sharp,
  own: { width: number; height: number },
  request: PictureRequest,
): Promise<DrawnTile> {
  const { x, y, width, height } = croppedPart(request, own);
  const size = tileSize(request, { width, height });
  const { padX, padY } = request;
  const right = (padX + size.width) % 2;
  const bottom = (padY + size.height) % 2;
  picture = picture.extract({ left: x, top: y, width, height });
  if (size.width !== width || size.height !== height)
    picture = picture.resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3' });
  picture = picture.toColourspace('srgb').ensureAlpha();
  if (padX + padY + right + bottom > 0)
    picture = picture.extend({ left: padX, top: padY, right, bottom, background: transparent });
  const { data, info } = await picture
    .timeout({ seconds: maxDrawingSec })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    data,
    width: info.width,
    height: info.height,
    naturalWidth: size.width,
    naturalHeight: size.height,
    ownWidth: own.width,
    ownHeight: own.height,
    isFontMissing: false,
  };
}

async function drawImage(job: Extract<TileJob, { type: 'image' }>): Promise<DrawnTile> {
  const { autoOrient } = await sharp(job.path, { limitInputPixels: false }).metadata();
  if (autoOrient.width * autoOrient.height > maxInputPixels)
    throw new StudioError('picture-too-large', { path: job.path, ...autoOrient });
  const picture = sharp(job.path, { failOn: 'truncated', limitInputPixels: maxInputPixels }).autoOrient();
  return shape(picture, autoOrient, job.request);
}

async function drawColor(job: Extract<TileJob, { type: 'color' }>): Promise<DrawnTile> {
  const { width, height, rgba } = job;
  const [r, g, b, alpha] = rgba;
  const size = tileSize(job.request, croppedPart(job.request, job));
  // One colour stays one colour when scaled: draw it at its final size.
  const picture = sharp({
    create: { ...size, channels: 4, background: { r, g, b, alpha: alpha / 255 } },
  });
  const drawn = await shape(picture, size, { ...job.request, crop: whole, ...size });
  return { ...drawn, ownWidth: width, ownHeight: height };
}

async function drawShapedText(job: Extract<TileJob, { type: 'text' }>): Promise<DrawnTile> {
  const { data, width, height, isFontMissing } = await drawText(job);
  const picture = sharp(data, { raw: { width, height, channels: 4 } });
  return { ...(await shape(picture, { width, height }, job.request)), isFontMissing };
}

/**
 * The pixels of a tile.
 * @throws StudioError source-file-missing, source-file-unreadable, picture-too-large, picture-too-slow, text-unrenderable
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
