import { Eye, EyeOff, Lock, LockOpen } from 'lucide-react';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { lockedPlan, visiblePlan } from '../../editor/item-plans';
import type { PlacedItem } from '../../editor/placed-item';
import { useEditor } from '../../editor/use-editor';
import { useIsOnline } from '../../studio-context';
import { IconToggle } from '../../ui/button';
import { classNames } from '../../ui/class-names';
import { ErrorNote } from '../../ui/error-note';
import { InlineName } from '../../ui/inline-name';
import { sourceKind } from './source-kinds';

type Source = Snapshot['sources'][number];

interface SourceRowProps {
  placed: PlacedItem;
  source: Source | undefined;
  isRenaming: boolean;
}

/** One item of the scene: what it is, whether it works, whether it is seen and can be touched. */
export function SourceRow({ placed, source, isRenaming }: SourceRowProps) {
  const editor = useEditor();
  const isOnline = useIsOnline();
  const { item, name } = placed;
  const kind = sourceKind(source?.kind ?? 'missing');
  const isFailed = source?.state === 'failed';
  const rename = (next: string | null): void => {
    editor.rename(null);
    if (next === null) return;
    editor.apply({
      edits: [{ type: 'source.rename', sourceId: item.sourceId, name: next }],
      label: `Rename ${name}`.slice(0, 120),
    });
  };
  return (
    <>
      <div className="flex h-8 items-center gap-2 pr-0.5">
        <kind.Icon
          size={15}
          aria-hidden="true"
          className={classNames('shrink-0', isFailed ? 'text-warn' : 'text-mute')}
        />
        <span
          className={classNames('flex min-w-0 flex-1 text-base', item.visible ? 'text-text' : 'text-mute')}
          title={isRenaming ? undefined : `${name} (${kind.label})`}
        >
          <InlineName label="Source name" name={name} isEditing={isRenaming} onEnd={rename} />
          <span className="sr-only">, {kind.label}</span>
        </span>
        {source?.state === 'loading' && <span className="pulse text-2xs text-mute">loading</span>}
        {/* Where a sentence stands below, the name needs the room more than the word. */}
        {isFailed && !source.error && <span className="text-2xs font-semibold text-warn">failed</span>}
        <span className="flex shrink-0 items-center">
          <span className="row-extra" data-kept={item.isLocked || undefined}>
            <IconToggle
              label={`Lock ${name}`}
              isSelected={item.isLocked}
              isDisabled={!isOnline}
              icon={item.isLocked ? <Lock size={14} /> : <LockOpen size={14} />}
              onChange={(isLocked) => editor.apply(lockedPlan([placed], isLocked))}
            />
          </span>
          <IconToggle
            label={`Show ${name}`}
            isSelected={item.visible}
            isDisabled={!isOnline}
            icon={item.visible ? <Eye size={15} /> : <EyeOff size={15} />}
            onChange={(isVisible) => editor.apply(visiblePlan([placed], isVisible))}
          />
        </span>
      </div>
      {source?.error && (
        <div className="mr-2 mb-1.5 ml-5.5">
          <ErrorNote error={source.error} />
        </div>
      )}
    </>
  );
}
