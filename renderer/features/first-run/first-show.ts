import type { Device } from '../../../shared/contract/device';
import type { Snapshot } from '../../../shared/contract/snapshot';
import type { EditInput } from '../../../shared/model/edit';
import { deviceDraft, deviceSize, freeName, newSource } from '../add-source/new-source';
import type { NewSource, SourceDraft } from '../add-source/new-source';

/** What a person answered to "what do you stream?". */
export interface Wish {
  picture: 'screen' | 'browser' | 'camera' | 'demo';
  /** the screen or camera of this computer that `picture` means; null: that of the browser */
  device: Device | null;
  /** a face in the corner; null: none */
  cornerCamera: Device | null;
  /** null: none, or one that is in the show already */
  microphone: Device | null;
}

export interface FirstShow {
  edits: EditInput[];
  /** null: the demo stays on show */
  sceneId: string | null;
  itemIds: string[];
  /** the source that the browser must be asked for, in the click */
  captureId: string | null;
}

function pictureOf({
  picture,
  device,
}: Wish): { draft: SourceDraft; name: string; device: Device | null } | null {
  if (picture === 'demo') return null;
  if (picture !== 'browser' && device) return { draft: deviceDraft(device), name: device.name, device };
  const capture = picture === 'camera' ? 'camera' : 'display';
  return {
    draft: { kind: 'browser-capture', capture },
    name: capture === 'camera' ? 'My camera' : 'My screen',
    device: null,
  };
}

/** A new scene with what was chosen; the demo's scenes stay beside it as examples to take apart. */
export function firstShow(
  wish: Wish,
  snapshot: Snapshot,
  newId = (): string => crypto.randomUUID(),
): FirstShow {
  const picture = pictureOf(wish);
  const scene = {
    id: newId(),
    name: freeName(
      'My show',
      snapshot.scenes.map(({ name }) => name),
    ),
    items: [],
  };
  let show = { ...snapshot, scenes: [...snapshot.scenes, scene] };
  const made: FirstShow = { edits: [], sceneId: null, itemIds: [], captureId: null };
  const adopt = (added: NewSource, isShown: boolean): void => {
    made.edits.push(...added.edits);
    if (added.itemId !== null) made.itemIds.push(added.itemId);
    const names = added.edits.flatMap((edit) => (edit.type === 'source.add' ? [edit.source] : []));
    show = {
      ...show,
      // Of what was just added, only the name and the place matter to what comes next.
      sources: [
        ...show.sources,
        ...names.map((source) => ({ ...blankSource, id: source.id, name: source.name })),
      ],
      scenes: show.scenes.map((each) =>
        each.id === scene.id && isShown ? { ...each, items: [...each.items, blankItem] } : each,
      ),
    };
  };
  const where = () => ({ show, sceneId: scene.id, newId });
  if (picture) {
    made.edits.push({ type: 'scene.add', scene, index: 0 });
    made.sceneId = scene.id;
    const added = newSource(
      picture.draft,
      picture.name,
      picture.device && deviceSize(picture.device),
      where(),
    );
    if (picture.draft.kind === 'browser-capture') made.captureId = added.sourceId;
    adopt(added, true);
    if (wish.cornerCamera) {
      const { cornerCamera } = wish;
      adopt(newSource(deviceDraft(cornerCamera), cornerCamera.name, deviceSize(cornerCamera), where()), true);
    }
  }
  if (wish.microphone)
    adopt(newSource(deviceDraft(wish.microphone), wish.microphone.name, null, where()), false);
  return made;
}

const blankItem: Snapshot['scenes'][number]['items'][number] = {
  id: 'placed',
  sourceId: 'placed',
  x: 0,
  y: 0,
  rotation: 0,
  isFlippedX: false,
  isFlippedY: false,
  crop: { left: 0, top: 0, right: 0, bottom: 0 },
  chromaKey: null,
  opacity: 1,
  visible: true,
  isLocked: false,
};
const blankSource: Snapshot['sources'][number] = {
  id: '',
  name: '',
  kind: '',
  settings: { id: 'placed', name: 'placed', kind: 'placed' },
  state: 'idle',
  error: null,
  size: null,
  deviceId: null,
  playback: null,
};
