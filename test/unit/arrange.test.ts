import { describe, expect, it } from 'vitest';
import {
  aligned,
  cropped,
  fitted,
  resized,
  turnedBounds,
  wholePicture,
} from '../../renderer/features/properties/arrange';
import { firstPlace } from '../../renderer/features/add-source/first-place';
import { existingSource, freeName, newSource } from '../../renderer/features/add-source/new-source';
import { applyEdits } from '../../shared/model/apply-edit';
import { collectionSchema } from '../../shared/model/collection';
import { editSchema } from '../../shared/model/edit';
import { itemBox } from '../../shared/model/placement';
import { sceneItemSchema } from '../../shared/model/scene';
import { sourceSchema } from '../../shared/model/source';
import { believableSnapshot } from '../support/contract-peer-state';

const canvas = { width: 1920, height: 1080 };
const item = (place: object) => sceneItemSchema.parse({ id: 'i', sourceId: 's', ...place });

describe('arranging items', () => {
  it('aligns the outline of a turned box, not its corner', () => {
    const box = { x: 100, y: 100, width: 400, height: 200, rotation: 90 };
    const { x, y, width, height } = turnedBounds(box);
    expect([x, y, width, height].map(Math.round)).toEqual([200, 0, 200, 400]);
    expect(aligned(box, canvas, 'left')).toEqual({ x: -100 });
    expect(aligned(box, canvas, 'right')).toEqual({ x: 1620 });
    expect(aligned(box, canvas, 'middle')).toEqual({ y: 440 });
  });

  it('fits what is left after the crop, in its proportions', () => {
    const place = fitted({ crop: { ...wholePicture, left: 960 } }, canvas, canvas, 'contain');
    expect(place).toEqual({ x: 480, y: 0, width: 960, height: 1080, rotation: 0 });
    expect(fitted({ crop: wholePicture }, { width: 100, height: 50 }, canvas, 'noLarger')).toMatchObject({
      width: 100,
      height: 50,
      x: 910,
      y: 515,
    });
    expect(fitted({ crop: wholePicture }, { width: 100, height: 50 }, canvas, 'stretch')).toMatchObject(
      canvas,
    );
  });

  it('keeps proportions only while sides are linked', () => {
    const box = { x: 0, y: 0, width: 400, height: 200, rotation: 0 };
    expect(resized(box, { width: 100 }, true)).toEqual({ width: 100, height: 50 });
    expect(resized(box, { height: 20 }, false)).toEqual({ width: 400, height: 20 });
    expect(resized(box, { width: 1 }, true).height).toBe(1);
  });

  it('cuts an edge off without moving what stays', () => {
    const size = { width: 1000, height: 500 };
    // Shown at half its size: 200 pixels of the picture are 100 of the canvas.
    const shown = item({ x: 50, y: 60, width: 500, height: 250 });
    expect(cropped(shown, size, 'left', 200)).toEqual({
      crop: { ...wholePicture, left: 200 },
      x: 150,
      y: 60,
      width: 400,
      height: 250,
    });
    // Mirrored, the left of the picture is on the right.
    expect(cropped({ ...shown, isFlippedX: true }, size, 'left', 200)).toMatchObject({ x: 50, width: 400 });
    expect(cropped(shown, null, 'top', 5)).toEqual({ crop: { ...wholePicture, top: 5 } });
  });
});

describe('a new source', () => {
  const camera = sourceSchema.parse({
    id: 'c',
    name: 'Cam',
    kind: 'camera',
    device: { id: 'd', name: 'Cam' },
  });
  const logo = sourceSchema.parse({ id: 'l', name: 'Logo', kind: 'image', path: 'logo.png' });

  it('fills the canvas when it is the picture, and is never blown up when it lies in it', () => {
    expect(firstPlace(camera, { width: 1280, height: 720 }, canvas, true)).toEqual({ x: 0, y: 0, ...canvas });
    expect(firstPlace(logo, { width: 200, height: 100 }, canvas, true)).toEqual({ x: 860, y: 490 });
    expect(firstPlace(logo, { width: 4000, height: 1000 }, canvas, true)).toEqual({
      x: 0,
      y: 300,
      width: 1920,
      height: 480,
    });
  });

  it('puts a camera that joins other things into the corner, whole', () => {
    const place = firstPlace(camera, { width: 1280, height: 720 }, canvas, false);
    const box = itemBox(item(place), { width: 1280, height: 720 });
    expect(box).toMatchObject({ width: 480, height: 270 });
    expect(box.x + box.width).toBeLessThan(1920);
    expect(box.y + box.height).toBeLessThan(1080);
    expect(box.x).toBeGreaterThan(960);
  });

  it('has a name of its own', () => {
    expect(freeName('Text', ['Text', 'Text 2'])).toBe('Text 3');
    expect(freeName('  ', [])).toBe('Source');
  });

  it('comes as edits that fit the show: with an item, or without one for a sound', () => {
    const show = believableSnapshot();
    const where = { show, sceneId: 'gameplay' };
    const collection = collectionSchema.parse({
      version: 1,
      sources: show.sources.map(({ settings }) => settings),
      scenes: show.scenes,
    });
    const text = newSource({ kind: 'text', text: 'Hello' }, 'Stream title', null, where);
    const microphone = newSource({ kind: 'microphone', device: { id: 'm', name: 'M' } }, 'Mic', null, where);
    const again = existingSource('logo', where);
    const edits = [...text.edits, ...microphone.edits, ...again.edits].map((edit) => editSchema.parse(edit));
    const after = applyEdits(collection, edits);
    expect(after.sources.find(({ id }) => id === text.sourceId)?.name).toBe('Stream title 2');
    expect(microphone.itemId).toBeNull();
    const items = after.scenes.find(({ id }) => id === 'gameplay')?.items ?? [];
    expect(items.slice(-2).map(({ sourceId }) => sourceId)).toEqual([text.sourceId, 'logo']);
  });
});
