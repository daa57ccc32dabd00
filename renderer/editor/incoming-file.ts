import type { SceneItem } from '../../shared/model/scene';
import type { SourceDraft } from '../features/add-source/new-source';
import type { Point, Size } from './geometry';
import { fittingBox } from './reshape';

const imageEndings = /\.(png|jpe?g|webp|gif|avif|svg|tiff?)$/i;
const mediaEndings = /\.(mp4|mov|mkv|webm|avi|flv|m4v|ts|mpe?g|mp3|m4a|aac|wav|flac|ogg|opus)$/i;

/** What a file becomes; null: nothing the studio could show or play. */
export function fileKind(file: Pick<File, 'name' | 'type'>): 'image' | 'media' | null {
  if (file.type.startsWith('image/') || imageEndings.test(file.name)) return 'image';
  if (/^(video|audio)\//.test(file.type) || mediaEndings.test(file.name)) return 'media';
  return null;
}

export const draftOf = (kind: 'image' | 'media', path: string): SourceDraft =>
  kind === 'image' ? { kind: 'image', path } : { kind: 'media', path };

/** "holiday.final.png" → "holiday.final" */
export const nameOfFile = (name: string): string => name.replace(/\.[^.]+$/, '').trim() || 'File';

/** Of a picture, as the browser sees it; null: it cannot read it, the engine may. */
export async function pictureSize(file: Blob): Promise<Size | null> {
  try {
    const bitmap = await createImageBitmap(file);
    const size = { width: bitmap.width, height: bitmap.height };
    bitmap.close();
    return size;
  } catch {
    return null;
  }
}

/** Where it was let go: its middle there, in the size it would have anyway. */
export function droppedAt(
  place: { readonly width?: number | undefined; readonly height?: number | undefined },
  size: Size,
  at: Point,
): Pick<SceneItem, 'x' | 'y'> {
  const width = place.width ?? size.width;
  const height = place.height ?? size.height;
  const { x, y } = fittingBox({ x: at.x - width / 2, y: at.y - height / 2, width, height, rotation: 0 });
  return { x, y };
}
