import '../../ui/order-list.css';
import { useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent } from 'react';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { isSoundOnly } from '../../../shared/model/source';
import type { Point } from '../../editor/geometry';
import { orderPlan } from '../../editor/order-plan';
import { itemKey } from '../../editor/stage-keys';
import { useEditor, useEditorState, useItemsOnShow } from '../../editor/use-editor';
import { ItemMenu } from '../../stage/item-menu';
import { useIsOnline, useSlice } from '../../studio-context';
import { Dock, EmptyNote } from '../../ui/dock';
import { OrderList, rowIdOf } from '../../ui/order-list';
import { AddSourceButton } from '../add-source/add-source-button';
import { SoundOnlyList } from './sound-only-list';
import { SourceRow } from './source-row';

type Source = Snapshot['sources'][number];

/** What the scene on show is made of, the topmost first, in step with the canvas. */
export function SourcesDock() {
  const editor = useEditor();
  const isOnline = useIsOnline();
  const scenes = useSlice('scenes');
  const sources = useSlice('sources');
  const { sceneId } = useSlice('program');
  const { items, selection } = useItemsOnShow();
  const renamingId = useEditorState((state) => state.renamingId);
  const frameRef = useRef<HTMLDivElement>(null);
  const [menuAt, setMenuAt] = useState<Point | null>(null);
  const scene = scenes.find(({ id }) => id === sceneId);
  const byId = new Map<string, Source>(sources.map((source) => [source.id, source]));
  const rows = [...items].reverse().map((placed) => ({ id: placed.item.id, placed }));

  const openMenu = (event: MouseEvent<HTMLDivElement>): void => {
    const id = rowIdOf(event.target);
    const frame = frameRef.current?.getBoundingClientRect();
    if (id === null || !frame || !isOnline) return;
    event.preventDefault();
    if (!selection.includes(id)) editor.select([id]);
    // The keyboard's menu key comes without a place: below the row then.
    const row = (event.target as Element).closest('[role=row]')?.getBoundingClientRect();
    setMenuAt(
      event.button === 2 || !row
        ? { x: event.clientX - frame.left, y: event.clientY - frame.top }
        : { x: row.left + 24 - frame.left, y: row.bottom - frame.top },
    );
  };
  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    const isRow = (event.target as Element).getAttribute('role') === 'row';
    if (!isRow || !isOnline || !itemKey(editor, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <Dock title="Sources" note={scene ? `in ${scene.name}` : undefined} action={<AddSourceButton />}>
      {items.length === 0 && <EmptyNote>This scene is empty: the picture stays black.</EmptyNote>}
      <div ref={frameRef} className="relative" onContextMenu={openMenu} onKeyDownCapture={press}>
        <OrderList
          label="Sources"
          rows={rows}
          selectedIds={selection}
          isDisabled={!isOnline}
          nameOf={({ placed }) => placed.name}
          renamingId={renamingId}
          onSelect={(ids) => editor.select(ids)}
          onReorder={(order, moved) => editor.apply(orderPlan(items, moved, [...order].reverse()))}
          onOpen={(id) => editor.rename(id)}
        >
          {({ id, placed }) => (
            <SourceRow
              placed={placed}
              source={byId.get(placed.item.sourceId)}
              isRenaming={renamingId === id}
            />
          )}
        </OrderList>
        <ItemMenu at={menuAt} onClose={() => setMenuAt(null)} />
      </div>
      <SoundOnlyList sources={sources.filter(({ settings }) => isSoundOnly(settings))} />
    </Dock>
  );
}
