import { Ellipsis } from 'lucide-react';
import { Button as AriaButton, MenuTrigger, Popover } from 'react-aria-components';
import { useIsOnline } from '../../studio-context';
import { classNames } from '../../ui/class-names';
import { InlineName } from '../../ui/inline-name';
import { MenuEntry, MenuLine, MenuList, menuSurface } from '../../ui/menu';
import { useSceneEdits } from './use-scene-edits';
import type { NamedScene } from './use-scene-edits';

interface SceneRowProps {
  scene: NamedScene;
  /** where it stands in the list */
  isFirst: boolean;
  isLast: boolean;
  isProgram: boolean;
  isLive: boolean;
  isRenaming: boolean;
  onRename: () => void;
  /** the name is taken, or given up */
  onRenamed: () => void;
}

export function SceneRow(props: SceneRowProps) {
  const { scene, isProgram, isLive, isRenaming, onRenamed } = props;
  const edits = useSceneEdits();
  return (
    <div className="flex h-8 items-center gap-2 pr-0.5">
      <span
        aria-hidden="true"
        className={classNames(
          'h-3.5 w-0.75 shrink-0 rounded-full',
          isProgram ? (isLive ? 'bg-air' : 'bg-text') : 'bg-transparent',
        )}
      />
      <InlineName
        label="Scene name"
        name={scene.name}
        isEditing={isRenaming}
        className={classNames('text-base', isProgram && 'font-medium')}
        onRename={(name) => edits.rename(scene, name)}
        onEnd={onRenamed}
      />
      <span className="row-extra">
        <SceneMenu {...props} />
      </span>
      {isProgram && (
        <span
          className={classNames(
            'pr-1.5 text-2xs font-semibold tracking-wider',
            isLive ? 'text-air-soft' : 'text-mute',
          )}
        >
          <span aria-hidden="true">PGM</span>
          <span className="sr-only">, on program</span>
        </span>
      )}
    </div>
  );
}

function SceneMenu({ scene, isFirst, isLast, onRename }: SceneRowProps) {
  const edits = useSceneEdits();
  const isOnline = useIsOnline();
  return (
    <MenuTrigger>
      <AriaButton
        aria-label={`More for ${scene.name}`}
        isDisabled={!isOnline}
        className="control control-ghost control-icon shrink-0"
      >
        <Ellipsis size={15} aria-hidden="true" />
      </AriaButton>
      <Popover className={menuSurface} placement="bottom end" offset={2}>
        <MenuList label={scene.name}>
          <MenuEntry label="Rename" keys="F2" onAction={onRename} />
          <MenuEntry label="Duplicate" keys="Ctrl+D" onAction={() => void edits.duplicate(scene)} />
          <MenuLine />
          <MenuEntry label="Move up" isDisabled={isFirst} onAction={() => void edits.move(scene, -1)} />
          <MenuEntry label="Move down" isDisabled={isLast} onAction={() => void edits.move(scene, 1)} />
          <MenuLine />
          <MenuEntry
            label="Delete"
            keys="Del"
            isDisabled={isFirst && isLast}
            onAction={() => void edits.remove(scene)}
          />
        </MenuList>
      </Popover>
    </MenuTrigger>
  );
}
