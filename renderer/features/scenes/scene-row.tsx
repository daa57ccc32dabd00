import { Ellipsis } from 'lucide-react';
import { Button as AriaButton, MenuTrigger, Popover } from 'react-aria-components';
import type { SceneView } from '../../../shared/contract/show';
import { useIsOnline, useSlice } from '../../studio-context';
import { classNames } from '../../ui/class-names';
import { InlineName } from '../../ui/inline-name';
import { MenuEntry, MenuLine, MenuList, menuSurface } from '../../ui/menu';
import { useSceneEdits } from './use-scene-edits';

interface SceneRowProps {
  scene: SceneView;
  isProgram: boolean;
  isLive: boolean;
  isRenaming: boolean;
  onRename: (sceneId: string | null) => void;
}

export function SceneRow({ scene, isProgram, isLive, isRenaming, onRename }: SceneRowProps) {
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
        onEnd={(name) => {
          onRename(null);
          if (name !== null) void edits.rename(scene, name);
        }}
      />
      <span className="row-extra">
        <SceneMenu scene={scene} onRename={onRename} />
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

function SceneMenu({ scene, onRename }: Pick<SceneRowProps, 'scene' | 'onRename'>) {
  const edits = useSceneEdits();
  const isOnline = useIsOnline();
  const scenes = useSlice('scenes');
  const at = scenes.findIndex(({ id }) => id === scene.id);
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
          <MenuEntry label="Rename" keys="F2" onAction={() => onRename(scene.id)} />
          <MenuEntry label="Duplicate" keys="Ctrl+D" onAction={() => void edits.duplicate(scene)} />
          <MenuLine />
          <MenuEntry label="Move up" isDisabled={at <= 0} onAction={() => void edits.move(scene, -1)} />
          <MenuEntry
            label="Move down"
            isDisabled={at === scenes.length - 1}
            onAction={() => void edits.move(scene, 1)}
          />
          <MenuLine />
          <MenuEntry
            label="Delete"
            keys="Del"
            isDisabled={scenes.length === 1}
            onAction={() => void edits.remove(scene)}
          />
        </MenuList>
      </Popover>
    </MenuTrigger>
  );
}
