import { Eye, EyeOff } from 'lucide-react';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { AddSourceButton } from '../add-source/add-source-button';
import { IconToggle } from '../../ui/button';
import { classNames } from '../../ui/class-names';
import { Dock, EmptyNote } from '../../ui/dock';
import { ErrorNote } from '../../ui/error-note';
import { useActions, useIsOnline, useSlice } from '../../studio-context';
import { sourceKind } from './source-kinds';

type Item = Snapshot['scenes'][number]['items'][number];
type Source = Snapshot['sources'][number];

export function SourcesDock() {
  const scenes = useSlice('scenes');
  const sources = useSlice('sources');
  const { sceneId } = useSlice('program');
  const scene = scenes.find(({ id }) => id === sceneId);
  // The list is as one looks at the picture: the topmost item first.
  const items = [...(scene?.items ?? [])].reverse();
  const byId = new Map(sources.map((source) => [source.id, source]));
  return (
    <Dock title="Sources" note={scene ? `in ${scene.name}` : undefined} action={<AddSourceButton />}>
      {items.length === 0 && <EmptyNote>This scene is empty: the picture stays black.</EmptyNote>}
      <ul className="flex flex-col px-2">
        {items.map((item) => (
          <SourceRow key={item.id} item={item} source={byId.get(item.sourceId)} />
        ))}
      </ul>
    </Dock>
  );
}

function SourceRow({ item, source }: { item: Item; source: Source | undefined }) {
  const { setItemVisible } = useActions();
  const isOnline = useIsOnline();
  const name = source?.name ?? item.sourceId;
  const kind = sourceKind(source?.kind ?? 'missing');
  const isFailed = source?.state === 'failed';
  return (
    <li className="rounded-md px-2 py-0.5 hover:bg-raised">
      <div className="flex h-8 items-center gap-2.5">
        <kind.Icon
          size={15}
          aria-hidden="true"
          className={classNames('shrink-0', isFailed ? 'text-warn' : 'text-mute')}
        />
        <span
          className={classNames(
            'min-w-0 flex-1 truncate text-base',
            item.visible ? 'text-text' : 'text-mute',
          )}
          title={`${name} (${kind.label})`}
        >
          {name}
          <span className="sr-only">, {kind.label}</span>
        </span>
        {source?.state === 'loading' && <span className="pulse text-2xs text-mute">loading</span>}
        {isFailed && <span className="text-2xs font-semibold text-warn">failed</span>}
        <IconToggle
          label={`Show ${name}`}
          isSelected={item.visible}
          isDisabled={!isOnline}
          icon={item.visible ? <Eye size={15} /> : <EyeOff size={15} />}
          onChange={(isVisible) => void setItemVisible(item.id, isVisible)}
        />
      </div>
      {source?.error && (
        <div className="mb-1.5 ml-6.5">
          <ErrorNote error={source.error} />
        </div>
      )}
    </li>
  );
}
