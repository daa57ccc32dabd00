import { editLabel } from '../../actions/edit-label';
import type { z } from 'zod';
import type { Device } from '../../../shared/contract/device';
import type { EditInput } from '../../../shared/model/edit';
import { isSoundOnly, sourceSchema } from '../../../shared/model/source';
import type { SourceSettings } from '../../../shared/model/source';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { firstPlace } from './first-place';

type SourceInput = z.input<typeof sourceSchema>;
type OwnSettings<Input> = Input extends SourceInput ? Omit<Input, 'id' | 'name'> : never;
/** Settings of a source to come, without what makes it this one. */
export type SourceDraft = OwnSettings<SourceInput>;

export interface NewSource {
  sourceId: string;
  /** null: a sound has no place in a scene */
  itemId: string | null;
  edits: EditInput[];
  label: string;
}

/** `Text`, `Text 2`, `Text 3`: names tell sources apart. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const name = wanted.trim().slice(0, 190) || 'Source';
  if (!taken.includes(name)) return name;
  let count = 2;
  while (taken.includes(`${name} ${count}`)) count++;
  return `${name} ${count}`;
}

interface Where {
  show: Pick<Snapshot, 'scenes' | 'sources' | 'program'>;
  sceneId: string;
  newId?: () => string;
}

/**
 * The edits that make a source and place it in a scene.
 * @param ownSize of its picture, where it is known before the engine has seen it
 */
export function newSource(
  draft: SourceDraft,
  name: string,
  ownSize: { width: number; height: number } | null,
  { show, sceneId, newId = () => crypto.randomUUID() }: Where,
): NewSource {
  const source: SourceSettings = sourceSchema.parse({
    ...draft,
    id: newId(),
    name: freeName(
      name,
      show.sources.map((each) => each.name),
    ),
  });
  const label = editLabel(`Add ${source.name}`);
  const addSource: EditInput = { type: 'source.add', source };
  if (isSoundOnly(source)) return { sourceId: source.id, itemId: null, edits: [addSource], label };
  const itemId = newId();
  const isSceneEmpty = !show.scenes.find(({ id }) => id === sceneId)?.items.some(({ visible }) => visible);
  const item = {
    id: itemId,
    sourceId: source.id,
    ...firstPlace(source, ownSize, show.program, isSceneEmpty),
  };
  return { sourceId: source.id, itemId, edits: [addSource, { type: 'item.add', sceneId, item }], label };
}

/** A source that is there, shown in this scene too. */
export function existingSource(
  sourceId: string,
  { show, sceneId, newId = () => crypto.randomUUID() }: Where,
): NewSource {
  const source = show.sources.find(({ id }) => id === sourceId);
  const itemId = newId();
  const place = source ? firstPlace(source.settings, source.size, show.program, false) : { x: 0, y: 0 };
  return {
    sourceId,
    itemId,
    edits: [{ type: 'item.add', sceneId, item: { id: itemId, sourceId, ...place } }],
    label: editLabel(`Add ${source?.name ?? 'source'}`),
  };
}

export const deviceDraft = (device: Device): SourceDraft => {
  const reference = { id: device.id, name: device.name };
  switch (device.kind) {
    case 'screen':
    case 'window':
      return { kind: 'screen', device: reference };
    case 'camera':
      return { kind: 'camera', device: reference };
    case 'microphone':
      return { kind: 'microphone', device: reference };
    case 'desktop-sound':
      return { kind: 'desktop-sound', device: reference };
  }
};

/** What a device's picture will measure; null: it has none, or nobody knows yet. */
export const deviceSize = (device: Device): { width: number; height: number } | null =>
  device.size ?? device.modes.find(({ height }) => height <= 1080) ?? null;
