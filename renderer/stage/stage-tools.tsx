import { Maximize, Redo2, Undo2, ZoomIn, ZoomOut } from 'lucide-react';
import { isElsewhere } from '../editor/clipboard-events';
import { zoomBy } from '../editor/stage-keys';
import { useEditor, useEditorState } from '../editor/use-editor';
import { useEffect } from 'react';
import type { Snapshot } from '../../shared/contract/snapshot';
import { useActions, useIsOnline, usePart, useSlice } from '../studio-context';
import { IconButton } from '../ui/button';

const undoOf = ({ show: { undoLabel, redoLabel } }: Snapshot) => ({ undoLabel, redoLabel });

/** Undo and redo, each saying what it would do. */
export function UndoButtons() {
  const { undo, redo } = useActions();
  const { undoLabel, redoLabel } = usePart(undoOf);
  const isOnline = useIsOnline();
  useEffect(() => {
    // Ctrl+Z and the like can be set; what half the world's programs call redo besides is taken too.
    const press = (event: KeyboardEvent): void => {
      const isRedo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'y';
      if (!isRedo || event.defaultPrevented || isElsewhere(event)) return;
      event.preventDefault();
      void redo();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [redo]);
  return (
    <span className="flex items-center">
      <IconButton
        label={undoLabel === null ? 'Nothing to undo' : `Undo: ${undoLabel} (Ctrl+Z)`}
        icon={<Undo2 size={15} />}
        isDisabled={!isOnline || undoLabel === null}
        onPress={undo}
      />
      <IconButton
        label={redoLabel === null ? 'Nothing to redo' : `Redo: ${redoLabel} (Ctrl+Shift+Z)`}
        icon={<Redo2 size={15} />}
        isDisabled={!isOnline || redoLabel === null}
        onPress={redo}
      />
    </span>
  );
}

export function ZoomButtons() {
  const editor = useEditor();
  const zoom = useEditorState((state) => state.zoom);
  useEditorState((state) => state.room);
  useSlice('program');
  return (
    <span className="flex items-center">
      <IconButton label="Zoom out (-)" icon={<ZoomOut size={15} />} onPress={() => zoomBy(editor, 0.8)} />
      <span className="w-9 text-center whitespace-nowrap tabular-nums" data-testid="zoom">
        {Math.round(editor.view.scale * 100)} %
      </span>
      <IconButton label="Zoom in (+)" icon={<ZoomIn size={15} />} onPress={() => zoomBy(editor, 1.25)} />
      <IconButton
        label="Show the whole canvas (0)"
        icon={<Maximize size={14} />}
        isDisabled={zoom === null}
        onPress={() => editor.fit()}
      />
    </span>
  );
}
