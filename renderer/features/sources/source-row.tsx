import { Eye, EyeOff, Lock, LockOpen } from 'lucide-react';
import { lockedPlan, visiblePlan } from '../../editor/item-plans';
import type { EditPlan } from '../../editor/item-plans';
import type { PlacedItem } from '../../editor/placed-item';
import { useEditor } from '../../editor/use-editor';
import { useIsOnline } from '../../studio-context';
import { IconToggle } from '../../ui/button';
import { classNames } from '../../ui/class-names';
import { ErrorNote } from '../../ui/error-note';
import { InlineName } from '../../ui/inline-name';
import type { ItemRow } from './item-rows';
import { sourceKind } from './source-kinds';
import { useSourceRename } from './use-source-rename';

interface SourceRowProps {
  row: ItemRow;
  isRenaming: boolean;
}

/** One item of the scene: what it is, whether it works, whether it is seen and can be touched. */
export function SourceRow({ row, isRenaming }: SourceRowProps) {
  const editor = useEditor();
  const renameSource = useSourceRename();
  const isOnline = useIsOnline();
  const { name, error } = row;
  const kind = sourceKind(row.kind);
  const isFailed = row.state === 'failed';
  const change = (plan: (items: readonly PlacedItem[]) => EditPlan): void =>
    editor.apply(plan(editor.items.filter(({ item }) => item.id === row.id)));
  return (
    <>
      <div className="flex h-8 items-center gap-2 pr-0.5">
        <kind.Icon
          size={15}
          aria-hidden="true"
          className={classNames('shrink-0', isFailed ? 'text-warn' : 'text-mute')}
        />
        <span
          className={classNames('flex min-w-0 flex-1 text-base', row.visible ? 'text-text' : 'text-mute')}
          title={isRenaming ? undefined : `${name} (${kind.label})`}
        >
          <InlineName
            label="Source name"
            name={name}
            isEditing={isRenaming}
            onRename={(next) => renameSource(row.sourceId, name, next)}
            onEnd={() => editor.renamed(row.id)}
          />
          <span className="sr-only">, {kind.label}</span>
        </span>
        {row.state === 'loading' && <span className="pulse text-2xs text-mute">loading</span>}
        {/* Where a sentence stands below, the name needs the room more than the word. */}
        {isFailed && !error && <span className="text-2xs font-semibold text-warn">failed</span>}
        <span className="flex shrink-0 items-center">
          <span className="row-extra" data-kept={row.isLocked || undefined}>
            <IconToggle
              label={`Lock ${name}`}
              isSelected={row.isLocked}
              isDisabled={!isOnline}
              icon={row.isLocked ? <Lock size={14} /> : <LockOpen size={14} />}
              onChange={(isLocked) => change((items) => lockedPlan(items, isLocked))}
            />
          </span>
          <IconToggle
            label={`Show ${name}`}
            isSelected={row.visible}
            isDisabled={!isOnline}
            icon={row.visible ? <Eye size={15} /> : <EyeOff size={15} />}
            onChange={(isVisible) => change((items) => visiblePlan(items, isVisible))}
          />
        </span>
      </div>
      {error && (
        <div className="mr-2 mb-1.5 ml-5.5">
          <ErrorNote error={error} />
        </div>
      )}
    </>
  );
}
