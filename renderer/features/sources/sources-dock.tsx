import '../../ui/order-list.css';
import { useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent } from 'react';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { isSoundOnly } from '../../../shared/model/source';
import type { Point } from '../../editor/geometry';
import { orderPlan } from '../../editor/order-plan';
import { itemKey } from '../../editor/stage-keys';
import { useEditor, useEditorPart, useEditorState } from '../../editor/use-editor';
import { nameOnShow } from '../../store/scene-on-show';
import { ItemMenu } from '../../stage/item-menu';
import { useIsOnline, usePart, useSelection } from '../../studio-context';
import { Dock, EmptyNote } from '../../ui/dock';
import { OrderList, rowIdOf } from '../../ui/order-list';
import { AddSourceButton } from '../add-source/add-source-button';
import { draftedFlags, itemRows } from './item-rows';
import { SoundOnlyList } from './sound-only-list';
import { SourceRow } from './source-row';

const soundOnly = ({ sources }: Snapshot) => sources.filter(({ settings }) => isSoundOnly(settings));

/** What the scene on show is made of, the topmost first, in step with the canvas. */
export function SourcesDock() {
  const editor = useEditor();
  const isOnline = useIsOnline();
  const name = usePart(nameOnShow);
  const sounds = usePart(soundOnly);
  const saved = usePart(itemRows);
  const drafted = useEditorPart(draftedFlags);
  const selection = useSelection(({ itemIds }) => itemIds);
  const renamingId = useEditorState((state) => state.renamingId);
  const frameRef = useRef<HTMLDivElement>(null);
  const [menuAt, setMenuAt] = useState<Point | null>(null);
  const rows = saved.map((row) => ({ ...row, ...drafted[row.id] }));

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
    <Dock title="Sources" note={name === undefined ? undefined : `in ${name}`} action={<AddSourceButton />}>
      {rows.length === 0 && <EmptyNote>This scene is empty: the picture stays black.</EmptyNote>}
      <div ref={frameRef} className="relative" onContextMenu={openMenu} onKeyDownCapture={press}>
        <OrderList
          label="Sources"
          rows={rows}
          selectedIds={selection}
          isDisabled={!isOnline}
          nameOf={(row) => row.name}
          renamingId={renamingId}
          onSelect={(ids) => editor.select(ids)}
          onReorder={(order, moved) => editor.apply(orderPlan(editor.items, moved, [...order].reverse()))}
          onOpen={(id) => editor.rename(id)}
        >
          {(row) => <SourceRow row={row} isRenaming={renamingId === row.id} />}
        </OrderList>
        <ItemMenu at={menuAt} onClose={() => setMenuAt(null)} />
      </div>
      <SoundOnlyList sources={sounds} />
    </Dock>
  );
}
