import { editLabel } from '../../actions/edit-label';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { noteWithUndo } from '../../editor/undo-note';
import { useIsOnline, useSelection, useStudio } from '../../studio-context';
import { IconButton } from '../../ui/button';
import { classNames } from '../../ui/class-names';
import { ErrorNote } from '../../ui/error-note';
import { InlineName } from '../../ui/inline-name';
import { sourceKind } from './source-kinds';
import { useSourceRename } from './use-source-rename';

type Source = Snapshot['sources'][number];

/** Microphones and the like: they have no place in a scene and are heard in every one. */
export function SoundOnlyList({ sources }: { sources: readonly Source[] }) {
  if (sources.length === 0) return null;
  return (
    <>
      <h3 className="px-3.5 pt-2.5 pb-1 text-2xs text-mute">Heard in every scene</h3>
      <ul aria-label="Heard in every scene" className="flex flex-col gap-px px-2">
        {sources.map((source) => (
          <SoundRow key={source.id} source={source} />
        ))}
      </ul>
    </>
  );
}

function SoundRow({ source }: { source: Source }) {
  const studio = useStudio();
  const { selection, actions } = studio;
  const renameSource = useSourceRename();
  const isOnline = useIsOnline();
  const isSelected = useSelection(({ sourceId }) => sourceId === source.id);
  const [isRenaming, setRenaming] = useState(false);
  const kind = sourceKind(source.kind);
  const isFailed = source.state === 'failed';
  const remove = async (): Promise<void> => {
    const { name } = source;
    const label = editLabel(`Delete ${name}`);
    if ((await actions.edit([{ type: 'source.remove', sourceId: source.id }], label)) === null) return;
    noteWithUndo(studio, `“${name}” was deleted.`, label);
  };
  return (
    <li className={classNames('order-row group', isSelected && 'bg-lift')}>
      <div className="min-w-0 flex-1">
        <div className="flex h-8 items-center gap-2 pr-0.5">
          <kind.Icon
            size={15}
            aria-hidden="true"
            className={classNames('shrink-0', isFailed ? 'text-warn' : 'text-mute')}
          />
          {isRenaming ? (
            <InlineName
              label="Source name"
              name={source.name}
              isEditing
              onRename={(name) => renameSource(source.id, source.name, name)}
              onEnd={() => setRenaming(false)}
            />
          ) : (
            <button
              type="button"
              aria-pressed={isSelected}
              className="min-w-0 flex-1 truncate rounded-sm text-left text-base text-text"
              title={`${source.name} (${kind.label})`}
              onClick={() => selection.selectSource(source.id)}
              onDoubleClick={() => setRenaming(isOnline)}
              onKeyDown={(event) => {
                if (event.key === 'F2') setRenaming(isOnline);
                else if (event.key === 'Delete' && isOnline) void remove();
              }}
            >
              {source.name}
              <span className="sr-only">, {kind.label}</span>
            </button>
          )}
          {isFailed && <span className="text-2xs font-semibold text-warn">failed</span>}
          <span className="row-extra">
            <IconButton
              label={`Delete ${source.name}`}
              icon={<Trash2 size={14} />}
              isDisabled={!isOnline}
              onPress={remove}
            />
          </span>
        </div>
        {source.error && (
          <div className="mr-2 mb-1.5 ml-5.5">
            <ErrorNote error={source.error} />
          </div>
        )}
      </div>
    </li>
  );
}
