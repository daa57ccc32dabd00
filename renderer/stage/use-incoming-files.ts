import { useEffect, useMemo } from 'react';
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import { describeError } from '../../shared/contract/error-text';
import { toWireError } from '../client/engine-error';
import { followClipboard } from '../editor/clipboard-events';
import type { Point } from '../editor/geometry';
import { draftOf, droppedAt, fileKind, nameOfFile, pictureSize } from '../editor/incoming-file';
import { addSource } from '../features/add-source/add-source';
import { newSource } from '../features/add-source/new-source';
import type { SourceDraft } from '../features/add-source/new-source';
import { useStudio } from '../studio-context';
import type { Studio } from '../studio-context';

export interface Upload {
  readonly id: string;
  readonly name: string;
  /** 0…1 */
  readonly part: number;
  readonly cancel: () => void;
}

export interface IncomingFiles {
  readonly uploads: StoreApi<readonly Upload[]>;
  /** @param at canvas pixels where they were let go; null: wherever new things go */
  take(files: readonly File[], at: Point | null): void;
}

const upto = (text: string, length: number): string => text.slice(0, length);

async function add(
  studio: Studio,
  draft: SourceDraft,
  name: string,
  file: File | null,
  at: Point | null,
): Promise<void> {
  const { snapshot } = studio.store.getState();
  if (!snapshot) return;
  const size = file && draft.kind === 'image' ? await pictureSize(file) : null;
  const added = newSource(draft, name, size, { show: snapshot, sceneId: snapshot.program.sceneId });
  if (!at || !size || added.itemId === null) {
    await addSource(studio, added);
    return;
  }
  const edits = added.edits.map((edit) =>
    edit.type === 'item.add' ? { ...edit, item: { ...edit.item, ...droppedAt(edit.item, size, at) } } : edit,
  );
  if ((await studio.actions.edit(edits, added.label)) !== null) studio.editor.selectSoon([added.itemId]);
}

function createIncomingFiles(studio: Studio): IncomingFiles {
  const uploads = createStore<readonly Upload[]>(() => []);
  const change = (id: string, next: Partial<Upload> | null): void => {
    uploads.setState(
      uploads
        .getState()
        .flatMap((upload) => (upload.id !== id ? [upload] : next ? [{ ...upload, ...next }] : [])),
      true,
    );
  };
  const takeOne = async (file: File, at: Point | null): Promise<void> => {
    const kind = fileKind(file);
    if (!kind) {
      studio.store.addToast({
        sentence: `“${upto(file.name, 80)}” is neither a picture nor a film nor sound.`,
        remedy: 'Drop a PNG, JPEG, WebP, GIF or SVG picture, or a film or sound that FFmpeg plays.',
      });
      return;
    }
    const id = studio.editor.newId();
    const abort = new AbortController();
    const upload: Upload = { id, name: file.name, part: 0, cancel: () => abort.abort() };
    uploads.setState([...uploads.getState(), upload], true);
    try {
      const path = await studio.files.upload(file, upto(file.name, 200), {
        signal: abort.signal,
        onProgress: (part) => change(id, { part }),
      });
      await add(studio, draftOf(kind, path), upto(nameOfFile(file.name), 190), file, at);
    } catch (thrown) {
      if (!abort.signal.aborted) studio.store.addToast(describeError(toWireError(thrown)));
    } finally {
      change(id, null);
    }
  };
  return {
    uploads,
    take(files, at) {
      // A dozen dropped at once lie like cards, not on top of one another.
      files.forEach((file, index) => {
        void takeOne(file, at && { x: at.x + index * 24, y: at.y + index * 24 });
      });
    },
  };
}

/** Files that are dropped or pasted become sources, and so does pasted text. */
export function useIncomingFiles(): IncomingFiles {
  const studio = useStudio();
  const incoming = useMemo(() => createIncomingFiles(studio), [studio]);
  useEffect(
    () =>
      followClipboard(studio.editor, {
        files: (files) => incoming.take(files, null),
        text: (text) => {
          const [first = ''] = text.trim().split('\n');
          void add(studio, { kind: 'text', text: upto(text.trim(), 20_000) }, upto(first, 40), null, null);
        },
      }),
    [studio, incoming],
  );
  return incoming;
}
