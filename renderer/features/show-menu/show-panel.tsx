import { Redo2, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button';
import { DraftTextField } from '../../ui/draft-text-field';
import { ErrorNote } from '../../ui/error-note';
import { useActions, useIsOnline, useSlice, useStudio } from '../../studio-context';
import { RestorePoints } from './restore-points';
import { savedText } from './saved-text';
import { ShowFiles } from './show-files';

export function ShowPanel() {
  const show = useSlice('show');
  const isOnline = useIsOnline();
  const { undo, redo } = useActions();
  const { liveEdits } = useStudio();
  return (
    <div className="flex flex-col">
      <div className="flex flex-col gap-2 p-3.5">
        <DraftTextField
          label="Name of the show"
          value={show.name}
          mostLength={200}
          isDisabled={!isOnline}
          onChange={(name, gesture) =>
            liveEdits.send([{ type: 'collection.rename', name: name.trim() }], 'Rename the show', gesture)
          }
        />
        {show.saveError ? (
          <div role="alert">
            <ErrorNote error={show.saveError} />
          </div>
        ) : (
          <p className="text-xs text-mute [overflow-wrap:anywhere]" title={show.path}>
            {savedText(show).text}, by itself, in {show.path}
          </p>
        )}
        <div className="flex gap-2">
          <Button isDisabled={!isOnline || show.undoLabel === null} onPress={undo}>
            <Undo2 size={14} aria-hidden="true" />
            <span className="max-w-32 truncate">
              Undo{show.undoLabel === null ? '' : `: ${show.undoLabel}`}
            </span>
          </Button>
          <Button isDisabled={!isOnline || show.redoLabel === null} onPress={redo}>
            <Redo2 size={14} aria-hidden="true" />
            <span className="max-w-32 truncate">
              Redo{show.redoLabel === null ? '' : `: ${show.redoLabel}`}
            </span>
          </Button>
        </div>
      </div>
      <PanelPart title="Restore points">
        <RestorePoints />
      </PanelPart>
      <PanelPart title="As one file">
        <ShowFiles />
      </PanelPart>
    </div>
  );
}

function PanelPart({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-2 border-t border-line p-3.5">
      <h3 className="text-xs font-semibold text-soft">{title}</h3>
      {children}
    </section>
  );
}
